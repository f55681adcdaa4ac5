/** The console's looks: stone, patina and brass, in one typeface that tells 0 from O and 1 from l. */

import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";
import { i18next } from "./texts";

const patina: MantineColorsTuple = ["#e8f4ef", "#cfe6dc", "#a5cfbf", "#78b7a0", "#53a184", "#3a8d70", "#2a7a5f", "#1f684f", "#17543f", "#0e3f2f"];
const brass: MantineColorsTuple = ["#fcf5e4", "#f6e7c1", "#eed08a", "#e5b854", "#d9a032", "#c0871d", "#996811", "#7d540c", "#61400a", "#472e06"];
const brick: MantineColorsTuple = ["#fceeea", "#f6d7cf", "#eab0a2", "#de8873", "#d1664d", "#bf4c32", "#a83d26", "#8e311e", "#722617", "#561b10"];
const river: MantineColorsTuple = ["#edf3f9", "#d5e2f0", "#abc5e0", "#80a7cf", "#5d8dbd", "#4477aa", "#356393", "#2b527a", "#224161", "#193048"];
const gray: MantineColorsTuple = ["#f7f8f6", "#eef0ed", "#e2e6e2", "#d2d8d3", "#b5beb7", "#8b968e", "#5f6b64", "#46524b", "#2e3833", "#1a221e"];
const dark: MantineColorsTuple = ["#dde4df", "#b9c4bd", "#94a199", "#6d7a72", "#414c46", "#303a35", "#1d2521", "#141a17", "#0f1412", "#090d0b"];

const text = '"Atkinson Hyperlegible Next Variable", "Segoe UI", system-ui, sans-serif';
const mono = '"Atkinson Hyperlegible Mono Variable", ui-monospace, "Cascadia Mono", monospace';

export const theme = createTheme({
  colors: { patina, brass, brick, river, gray, dark },
  primaryColor: "patina",
  // White is read well on both.
  primaryShade: { light: 7, dark: 6 },
  black: "#18201c",
  fontFamily: text,
  fontFamilyMonospace: mono,
  headings: {
    fontFamily: text,
    fontWeight: "680",
    sizes: {
      h1: { fontSize: "1.75rem", lineHeight: "1.15" },
      h2: { fontSize: "1.125rem", lineHeight: "1.3" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.35" },
    },
  },
  fontSizes: { xs: "0.78rem", sm: "0.875rem", md: "0.9375rem", lg: "1.0625rem", xl: "1.25rem" },
  defaultRadius: "sm",
  radius: { xs: "3px", sm: "6px", md: "10px", lg: "16px", xl: "28px" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2.25rem" },
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    // A cross alone says nothing to who does not see it: that of a message, of a drawer, of a dialog.
    CloseButton: { defaultProps: () => ({ "aria-label": i18next.t("close") }) },
    // What is not needed says so; what is needed need not.
    TextInput: { defaultProps: { withAsterisk: false } },
    Textarea: { defaultProps: { withAsterisk: false } },
    PasswordInput: { defaultProps: { withAsterisk: false } },
    Modal: { defaultProps: { centered: true, radius: "md", padding: "lg" }, styles: { title: { fontSize: "1.125rem", fontWeight: 660 } } },
    Drawer: { styles: { title: { fontSize: "1.125rem", fontWeight: 660 } } },
    Table: { defaultProps: { verticalSpacing: 9, horizontalSpacing: "md", fz: "sm" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250 } },
  },
});

/** Where Mantine's own choices have too little contrast, and what only this console has. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#f4f5f2",
    "--mantine-color-placeholder": gray[6],
    "--mantine-color-dimmed": gray[6],
    "--mantine-color-error": brick[6],
    "--mantine-color-anchor": patina[7],
    "--mantine-color-default-border": gray[4],
    "--surface": "#ffffff",
    "--surface-sunk": "#eef0ec",
    "--line": "#dde1dc",
    "--ink-strong": "#101713",
    "--allow": patina[6], "--challenge": river[6], "--enroll": brass[5], "--deny": brick[5],
  },
  dark: {
    "--mantine-color-body": dark[7],
    "--mantine-color-placeholder": dark[2],
    "--mantine-color-dimmed": dark[2],
    "--mantine-color-error": brick[3],
    "--mantine-color-anchor": patina[3],
    "--mantine-color-default-border": dark[4],
    "--mantine-color-disabled": dark[5],
    "--mantine-color-disabled-color": dark[3],
    "--surface": dark[6],
    "--surface-sunk": "#19201d",
    "--line": "#2f3934",
    "--ink-strong": "#f1f5f2",
    "--allow": patina[4], "--challenge": river[3], "--enroll": brass[3], "--deny": brick[4],
  },
});
