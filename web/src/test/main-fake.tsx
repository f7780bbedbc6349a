import "../ui/index.css";

import { mount } from "../app/mount";
import { createFakeTransport } from "./fake-server";
import { FakeStore } from "./fake-store";

await mount(createFakeTransport(new FakeStore(), 60));
