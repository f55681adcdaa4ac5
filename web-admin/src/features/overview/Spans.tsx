import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";

type Props<Span extends number> = { days: number; spans: readonly Span[]; onChange: (days: Span) => void };

/** Of how many days. */
export function Spans<Span extends number>({ days, spans, onChange }: Props<Span>) {
  const { t } = useTranslation();
  return (
    <SegmentedControl aria-label={t("overview.span")} value={String(days)} onChange={(value) => onChange(Number(value) as Span)}
      data={spans.map((span) => ({ value: String(span), label: t("overview.days", { count: Number(span) }) }))} />
  );
}
