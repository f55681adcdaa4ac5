import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { en } from "~/texts/en";
import { ACTIONS } from "~/features/audit/words";

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith("texts/") && !file.startsWith("gql/"));
const code = sources.map((file) => readFileSync(`src/${file}`, "utf8")).join("\n");
const keys = Object.keys(en);

describe("the texts", () => {
  it("have each of their keys used", () => {
    const composed = [...code.matchAll(/`([A-Za-z.]+\.)\$\{/g)].map((match) => match[1] ?? "");
    const unused = keys.filter((key) => {
      const plain = key.replace(/_(one|other)$/, "");
      return !code.includes(`"${plain}"`) && !composed.some((start) => plain.startsWith(start));
    });
    expect(unused).toEqual([]);
  });

  it("come in one form for one and one for many", () => {
    const counted = keys.filter((key) => key.endsWith("_one"));
    expect(counted.filter((key) => !keys.includes(key.replace("_one", "_other")))).toEqual([]);
  });

  it("name every action of the audit log", () => {
    expect(ACTIONS.filter((action) => !keys.includes(`action.${action}`))).toEqual([]);
  });

  it("are typed where they are said: no sentence stands in a component", () => {
    const sentences = [...code.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+){2,}[.!?]?)\s*</g)].map((match) => match[1]);
    expect(sentences).toEqual([]);
  });

  it("keep components short", () => {
    const long = sources.filter((file) => readFileSync(`src/${file}`, "utf8").split("\n").length > 200);
    expect(long).toEqual([]);
  });
});
