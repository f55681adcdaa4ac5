/** Every address of the console. To add a page: in `routes/`, in `shell/places.ts`, and, for a new first word,
 * in services/edge-http/src/console. */

import { createRouter } from "@tanstack/react-router";
import { Opening } from "~/shell/Edges";
import { doors } from "./routes/doors";
import { ofPartner } from "./routes/partner";
import { root } from "./routes/root";
import { ofTenant } from "./routes/tenant";

export const router = createRouter({
  routeTree: root.addChildren([...doors, ofTenant, ofPartner]),
  defaultPreload: "intent", defaultPendingComponent: Opening, defaultPendingMs: 400, scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register { router: typeof router }
}
