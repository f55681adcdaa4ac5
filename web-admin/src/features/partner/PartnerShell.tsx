/** The frame around a partner's pages. */

import type { Partnership, Session } from "~/features/session/session";
import { Attended, useSignOut } from "~/shell/Attended";
import { Frame } from "~/shell/Frame";
import { partnerGroupsFor } from "~/shell/places";
import { Rail } from "~/shell/Rail";
import { Switcher } from "~/shell/Switcher";
import { ClockContext } from "~/ui/formats";
import { PartnerProvider } from "./partner";

/** A partner has no time zone of its own: its dates are those of whoever looks. */
const CLOCK = { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, aheadMs: 0, known: true };

export function PartnerShell({ session, partner }: { session: Session; partner: Partnership }) {
  const signOut = useSignOut();
  return (
    <PartnerProvider partner={partner}>
      <ClockContext value={CLOCK}>
        <Attended>
          <Frame name={partner.name} rail={(onGo) => (
            <Rail groups={partnerGroupsFor(`p.${partner.role}`)} params={{ partner: partner.id }} session={session} role={partner.role} onSignOut={() => void signOut()} {...(onGo ? { onGo } : {})}
              switcher={<Switcher session={session} here={partner} {...(onGo ? { onGo } : {})} />} />
          )} />
        </Attended>
      </ClockContext>
    </PartnerProvider>
  );
}
