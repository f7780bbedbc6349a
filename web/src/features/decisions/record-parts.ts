// What a record's page reads apart from its text. It comes in one piece once the text stands.
export { Approvals } from "./life/approvals";
export { StatusActions } from "./life/status-actions";
export { Margin } from "./margin";
export { Discussion } from "./talk/discussion";
export { Gutter } from "./talk/gutter";
