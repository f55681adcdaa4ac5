/** What is wrong with a draft, with the names of the fields it is wrong with. */

import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Refusal } from "~/api/faults";
import { Icon } from "~/ui/Icon";
import { nameOf } from "./Diff";

export function Refused({ error }: { error: Error | null }) {
  const { t } = useTranslation();
  if (!error) return null;
  const complaints = error instanceof Refusal ? error.complaints : [{ code: "INVALID" as const, message: error.message || t("fault.INTERNAL.title"), field: null }];
  return (
    <Alert color="brick" icon={<Icon name="warn" />} role="alert">
      <ul style={{ margin: 0, paddingLeft: "1rem" }}>
        {complaints.map((complaint) => {
          const place = complaint.field?.[0] === "policy" ? complaint.field.slice(1).filter((part) => !/^\d+$/.test(part)).slice(0, 2).join(".") : "";
          return <li key={complaint.message + place}>{place && <strong>{nameOf(place, t)}: </strong>}{complaint.message}</li>;
        })}
      </ul>
    </Alert>
  );
}
