/** A question or form above the page. When it goes, the keyboard is back where it was. */

import { Modal, type ModalProps } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

type Props = Omit<ModalProps, "opened" | "closeButtonProps">;

export function Dialog(props: Props) {
  const { t } = useTranslation();
  const before = useRef(document.activeElement);
  useEffect(() => () => {
    // An entry of a menu is gone by now.
    const there = before.current?.isConnected ? before.current : document.getElementById("main");
    setTimeout(() => { if (there instanceof HTMLElement) there.focus({ preventScroll: true }); });
  }, []);
  return <Modal opened closeButtonProps={{ "aria-label": t("close") }} {...props} />;
}
