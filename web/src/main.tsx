import "./ui/index.css";

import { createConnectTransport } from "@connectrpc/connect-web";

import { mount } from "./app/mount";

mount(createConnectTransport({ baseUrl: location.origin, useBinaryFormat: true }));
