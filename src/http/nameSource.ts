const V4_IN_V6 = /^::ffff:([0-9.]+)$/i;
/** Groups of 16 bits that an IPv6 network gives to one subscriber: a /64, of which he has every address. */
const OWN_GROUPS = 4;

/** What a stranger's address counts as: an IPv4 address by itself, an IPv6 address with all of its /64. */
export function nameSource(address: string | undefined): string {
  if (address === undefined || !address.includes(":")) return address ?? "";
  const v4 = V4_IN_V6.exec(address)?.[1];
  if (v4 !== undefined) return v4;
  const [before = "", after] = address.split("::");
  const left = before === "" ? [] : before.split(":");
  const right = after === undefined || after === "" ? [] : after.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  const groups = after === undefined ? left : [...left, ...zeros, ...right];
  return `${groups.slice(0, OWN_GROUPS).join(":").toLowerCase()}::/64`;
}
