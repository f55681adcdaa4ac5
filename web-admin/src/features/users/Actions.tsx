/** What the help desk can do for this person. */

import { Button, Menu } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "~/shell/scope";
import { Icon } from "~/ui/Icon";
import { DeleteUser, LockUser, ResetUser, UnlockUser } from "./deeds";
import type { User } from "./words";

// Their forms are as large as the page: they come when they are wanted.
const IssueCode = lazy(() => import("./IssueCode").then((module) => ({ default: module.IssueCode })));
const SendLink = lazy(() => import("./SendLink").then((module) => ({ default: module.SendLink })));

type Deed = "issue" | "lock" | "unlock" | "reset" | "link" | "delete";
type Props = { user: User; maxSeconds: number; returnUrls: readonly string[] };

export function Actions({ user, maxSeconds, returnUrls }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const [deed, setDeed] = useState<Deed>();
  const common = { user, onClose: () => setDeed(undefined) };
  const locked = user.status === "LOCKED";
  return (
    <>
      {locked && may("unlockUser") && <Button variant="default" onClick={() => setDeed("unlock")}>{t("deed.unlock")}</Button>}
      {may("issueTemporaryAccessCode") && <Button leftSection={<Icon name="key" />} onClick={() => setDeed("issue")}>{t("deed.issue")}</Button>}
      {may("lockUser") && (
        <Menu position="bottom-end" width={280}>
          <Menu.Target><Button variant="default" rightSection={<Icon name="down" size={14} />}>{t("deed.more")}</Button></Menu.Target>
          <Menu.Dropdown>
            {user.kind === "EXTERNAL" && user.email && returnUrls.length > 0 && <Menu.Item leftSection={<Icon name="mail" />} onClick={() => setDeed("link")}>{t("deed.link")}</Menu.Item>}
            {!locked && <Menu.Item leftSection={<Icon name="policy" />} onClick={() => setDeed("lock")}>{t("deed.lock")}</Menu.Item>}
            <Menu.Item leftSection={<Icon name="undo" />} color="brick" onClick={() => setDeed("reset")}>{t("deed.reset")}</Menu.Item>
            {may("deleteUser") && <Menu.Item leftSection={<Icon name="trash" />} color="brick" onClick={() => setDeed("delete")}>{t("deed.delete")}</Menu.Item>}
          </Menu.Dropdown>
        </Menu>
      )}
      <Suspense>
        {deed === "issue" && <IssueCode {...common} maxSeconds={maxSeconds} />}
        {deed === "link" && <SendLink {...common} returnUrls={returnUrls} />}
      </Suspense>
      {deed === "lock" && <LockUser {...common} />}
      {deed === "unlock" && <UnlockUser {...common} />}
      {deed === "reset" && <ResetUser {...common} />}
      {deed === "delete" && <DeleteUser {...common} />}
    </>
  );
}
