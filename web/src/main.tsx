import "./ui/index.css";

import { createTransport } from "./api/transport";
import { mount } from "./app/mount";

await mount(createTransport(location.origin));
