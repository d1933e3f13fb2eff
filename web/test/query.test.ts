import { describe, expect, it } from 'vitest'
import { eachLine } from '~/client/http'
import { byReason, csvOf, menuOf, queryColumns } from '~/utils/query'

function stream(pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })
}

describe('a stream of lines', () => {
  const bytes = new TextEncoder().encode('{"a":"ā"}\n{"b":2}\n\n{"c":3}')

  it.each([1, 2, 7, 4096])('is the same in pieces of %d bytes', async (size) => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.slice(n * size, (n + 1) * size))
    const lines: string[] = []
    await eachLine(stream(pieces), line => lines.push(line))
    expect(lines).toEqual(['{"a":"ā"}', '{"b":2}', '{"c":3}'])
  })
})

it('finds the menu of a query, however it is written', () => {
  expect(['/ip/firewall/nat where chain=dstnat', '/ip firewall nat', '/log'].map(menuOf)).toEqual(['/ip/firewall/nat', '/ip/firewall/nat', '/log'])
})

it('keeps the properties that were asked for in their order', () => {
  const rows = [{ device_id: 'dev_1', device_name: 'a', values: { address: '1', network: '2', comment: '3' } }]
  expect(queryColumns('/ip/address', ['network', 'address'], rows)).toEqual(['network', 'address'])
  expect(queryColumns('/ip/address', [], rows)).toEqual(['address', 'network', 'comment'])
})

it('writes CSV in which no text is run as a formula', () => {
  const rows = [{ device_id: 'dev_1', device_name: '=cmd()', values: { comment: 'say "a, b"', name: '-1' } }]
  expect(csvOf(['comment', 'name'], rows)).toBe('device,device_id,comment,name\r\n\'=cmd(),dev_1,"say ""a, b""",\'-1\r\n')
})

it('groups who did not answer by why, the commonest first', () => {
  const one = (reason: string) => ({ device_id: reason, device_name: reason, reason, detail: '' })
  expect(byReason([one('refused'), one('asleep'), one('asleep')]).map(group => [group.reason, group.devices.length])).toEqual([['asleep', 2], ['refused', 1]])
})
