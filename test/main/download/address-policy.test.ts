import { describe, expect, test } from 'vitest'
import { isPublicAddress, isPublicName } from '../../../src/main/download/address-policy.ts'

describe('addresses that a hostile URL may lead to', () => {
  test.each([
    ['1.1.1.1'],
    ['8.8.8.8'],
    ['100.63.255.255'],
    ['100.128.0.0'],
    ['172.15.255.255'],
    ['172.32.0.0'],
    ['192.167.255.255'],
    ['223.255.255.255'],
    ['2001:4860:4860::8888'],
    ['2606:4700:4700::1111'],
    ['2a00:1450:4001:81b::200e'],
    ['64:ff9b::8.8.8.8'],
    ['64:ff9b::808:808'],
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  test.each([
    ['this network', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '10.255.255.255'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.0.1'],
    ['shared by a provider', '100.64.0.1'],
    ['metadata of a cloud, in the shared range', '100.100.100.200'],
    ['shared by a provider', '100.127.255.255'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['metadata of a cloud', '169.254.169.254'],
    ['link-local', '169.254.0.1'],
    ['platform of Azure', '168.63.129.16'],
    ['protocol assignments', '192.0.0.1'],
    ['metadata of a cloud, in the protocol range', '192.0.0.192'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['6to4 relays', '192.88.99.1'],
    ['AS112', '192.31.196.1'],
    ['AS112', '192.175.48.1'],
    ['multicast tunnels', '192.52.193.1'],
    ['benchmarking', '198.18.0.1'],
    ['benchmarking', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast', '239.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
  ])('IPv4, %s: %s is refused', (_range, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  test.each([
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['loopback in full', '0:0:0:0:0:0:0:1'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%lo'],
    ['public with a zone', '2606:4700:4700::1111%lo'],
    ['site-local', 'fec0::1'],
    ['unique local', 'fc00::1'],
    ['metadata of a cloud', 'fd00:ec2::254'],
    ['metadata of a cloud', 'fd20:ce::254'],
    ['multicast', 'ff02::1'],
    ['discard', '100::1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['protocol assignments', '2001:100::1'],
    ['benchmarking', '2001:2::1'],
    ['multicast tunnels', '2001:3::1'],
    ['AS112', '2001:4:112::1'],
    ['AS112', '2620:4f:8000::1'],
    ['ORCHID', '2001:10::1'],
    ['ORCHID', '2001:20::1'],
    ['drone identifiers', '2001:30::1'],
    ['segment routing', '5f00::1'],
    ['never given out', '200::1'],
    ['never given out', '4000::1'],
    ['never given out', 'fe00::1'],
  ])('IPv6, %s: %s is refused', (_range, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  test.each([
    ['mapped', '::ffff:127.0.0.1'],
    ['mapped', '::ffff:7f00:1'],
    ['mapped', '::FFFF:169.254.169.254'],
    ['mapped, in full', '0:0:0:0:0:ffff:10.0.0.1'],
    ['mapped', '::ffff:8.8.8.8'],
    ['compatible', '::127.0.0.1'],
    ['compatible', '::a00:1'],
    ['compatible', '::8.8.8.8'],
    ['translated', '::ffff:0:127.0.0.1'],
    ['6to4', '2002:7f00:1::1'],
    ['6to4', '2002:a9fe:a9fe::1'],
    ['6to4', '2002:808:808::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:f5ff:fffe'],
    ['NAT64', '64:ff9b::127.0.0.1'],
    ['NAT64', '64:ff9b::a9fe:a9fe'],
    ['NAT64', '64:ff9b::168.63.129.16'],
    ['NAT64 of the own network', '64:ff9b:1::a00:1'],
    ['NAT64 of the own network', '64:ff9b:1::808:808'],
    ['ISATAP', '2a00:1450:4001:81b:0:5efe:10.0.0.1'],
    ['ISATAP', '2a00:1450:4001:81b:200:5efe:a00:1'],
    ['ISATAP', 'fe80::5efe:10.0.0.1'],
  ])('IPv4 inside IPv6, %s: %s is refused', (_carrier, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  test.each([
    [''],
    ['2130706433'],
    ['0x7f.1'],
    ['0177.0.0.1'],
    ['127.1'],
    ['8.8.8'],
    ['[::1]'],
    ['example.com'],
  ])('%j is no address that a resolver gives', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('host names in a hostile URL', () => {
  test.each([
    ['example.com'],
    ['images.example.com'],
    ['xn--bcher-kva.example'],
    ['internal.example.com'],
    ['mylocalhost.org'],
  ])('%s may be looked up', (name) => {
    expect(isPublicName(name)).toBe(true)
  })

  test.each([
    ['localhost'],
    ['intranet'],
    ['localhost.'],
    ['example.com.'],
    ['app.localhost'],
    ['printer.local'],
    ['router.home.arpa'],
    ['db.internal'],
    ['metadata.google.internal'],
    ['metadata.google.internal.'],
    ['1.1.1.1'],
    ['::1'],
    [''],
  ])('%j may not', (name) => {
    expect(isPublicName(name)).toBe(false)
  })
})
