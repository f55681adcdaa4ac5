import { describe, expect, it } from "vitest";
import { bytesOf, isIn } from "~/features/policy/cidr";

describe("is my address in it?", () => {
  it.each([
    ["192.0.2.7", "192.0.2.0/24"], ["192.0.2.255", "192.0.2.128/25"], ["192.0.2.1", "192.0.2.1/32"], ["10.1.2.3", "0.0.0.0/0"], ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1::5", "2001:db8:1::/48"], ["2001:DB8:1:0:0:0:0:5", "2001:db8:1::/48"], ["::ffff:192.0.2.7", "192.0.2.0/24"], ["2001:db8:ffff::1", "2001:db8::/33".replace("/33", "/32")],
  ])("%s is in %s", (address, network) => expect(isIn(address, network)).toBe(true));

  it.each([
    ["192.0.3.7", "192.0.2.0/24"], ["192.0.2.127", "192.0.2.128/25"], ["2001:db8:2::5", "2001:db8:1::/48"], ["2001:db8:8000::1", "2001:db8::/33"],
    ["192.0.2.7", "2001:db8::/32"], ["::1", "0.0.0.0/0"], ["nonsense", "192.0.2.0/24"],
  ])("%s is not in %s", (address, network) => expect(isIn(address, network)).toBe(false));

  it.each(["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "::1::", "2001:db8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "g::1", "12345::", "192.0.2.0/24"])("%j is no address", (text) =>
    expect(bytesOf(text)).toBeUndefined());
});
