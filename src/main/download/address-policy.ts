import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** 2000::/3, the only part of IPv6 from which public unicast addresses are given out (RFC 4291, IANA registry). */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]

/** 64:ff9b::/96, under which a network without IPv4 reaches IPv4 hosts (NAT64, RFC 6052). */
const NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96]

/** The platform services of an Azure machine. The address looks public, but each machine reaches its own host. */
const AZURE_PLATFORM = '168.63.129.16'

/** Names that the own machine or the own network gives out (RFC 6761, RFC 6762, RFC 8375, ICANN on .internal). */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa)$/

/**
 * Whether an address is plain public unicast: no private, loopback, link-local, shared, reserved,
 * documentation, benchmarking, multicast or metadata address.
 *
 * An IPv4 address inside an IPv6 one is judged by itself where it comes from NAT64, because a machine without
 * IPv4 sees every IPv4 host so. Any other way of carrying one (mapped, compatible, 6to4, Teredo, ISATAP) is
 * refused whatever it carries: no web server needs it. A NAT64 prefix that a network has chosen for itself
 * cannot be told from an ordinary address.
 *
 * `address` has the form that a resolver gives; every other notation, and a zone, is refused.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return isPublicV4(ipaddr.IPv4.parse(address))
    case 6:
      return !address.includes('%') && isPublicV6(ipaddr.IPv6.parse(address))
    default:
      return false
  }
}

/**
 * Whether a URL's host is a full name of the public DNS. Refused are literal addresses in every notation (URL
 * parsing has brought decimal, octal and hexadecimal ones into the usual form), names of the own machine and
 * network, names without a dot, which a resolver completes with the own domain, and names that end with one.
 */
export function isPublicName(hostname: string): boolean {
  return (
    isIP(hostname) === 0 && hostname.includes('.') && !hostname.endsWith('.') && !LOCAL_NAME.test(hostname)
  )
}

function isPublicV4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && address.toString() !== AZURE_PLATFORM
}

function isPublicV6(address: ipaddr.IPv6): boolean {
  if (address.match(NAT64)) return isPublicV4(new ipaddr.IPv4(address.toByteArray().slice(-4)))
  // What the library does not know it calls unicast, so the range is asked for as well.
  return address.match(GLOBAL_UNICAST) && address.range() === 'unicast' && !isIsatap(address)
}

/** An interface identifier 0000:5efe or 0200:5efe is followed by the IPv4 address (RFC 5214, section 6.1). */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [, , , , high, low] = address.parts
  return (high === 0 || high === 0x0200) && low === 0x5efe
}
