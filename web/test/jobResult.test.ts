import { describe, expect, it } from 'vitest'
import { resultOf, resultTone } from '~/utils/jobResult'

const PING = `  SEQ HOST                                     SIZE TTL TIME       STATUS
    0 192.0.2.9                                  56  60 3ms431us
    1 192.0.2.9                                                  timeout
    sent=2 received=1 packet-loss=50% min-rtt=3ms431us avg-rtt=3ms431us
   max-rtt=3ms431us

Script file loaded and executed successfully
`
const NUMBERED = `Columns: ADDRESS, LOSS, SENT, LAST, AVG, BEST, WORST, STD-DEV
 #  ADDRESS        LOSS  SENT  LAST   AVG  BEST  WORST  STD-DEV
 0  192.0.2.20     0%       3  4.4ms  7.6  0.7   17.7   7.3
 1  203.0.113.1    0%       3  0.8ms  0.8  0.8   0.8    0
`
const WITH_STATUS = `ADDRESS                          LOSS SENT    LAST     AVG    BEST   WORST STD-DEV STATUS
192.0.2.10                         0%    1   0.2ms     0.2     0.2     0.2       0

ADDRESS                          LOSS SENT    LAST     AVG    BEST   WORST STD-DEV STA..
                                 100%    4 timeout
198.51.100.6                       0%   20   1.1ms     1.2     0.9     1.7     0.2 <MPLS:L=17,E=0>
`

describe('the result of a ping', () => {
  const result = resultOf('ping', PING)!
  it('has a row for each packet, each value under its own column', () => {
    expect(result.columns).toEqual(['SEQ', 'HOST', 'SIZE', 'TTL', 'TIME', 'STATUS'])
    expect(result.rows).toEqual([
      { SEQ: '0', HOST: '192.0.2.9', SIZE: '56', TTL: '60', TIME: '3ms431us' },
      { SEQ: '1', HOST: '192.0.2.9', STATUS: 'timeout' },
    ])
  })
  it('has the totals, over as many lines as the console needed, and nothing of what follows', () => {
    expect(Object.fromEntries(result.facts.map(fact => [fact.name, fact.value]))).toEqual({
      'sent': '2', 'received': '1', 'packet-loss': '50%', 'min-rtt': '3ms431us', 'avg-rtt': '3ms431us', 'max-rtt': '3ms431us',
    })
  })
})

describe('the result of a traceroute', () => {
  it('is read whether its hops are numbered or not', () => {
    expect(resultOf('traceroute', NUMBERED)!.rows[1]).toMatchObject({ 'ADDRESS': '203.0.113.1', 'LOSS': '0%', 'SENT': '3', 'LAST': '0.8ms', 'WORST': '0.8', 'STD-DEV': '0' })
    expect(resultOf('traceroute', NUMBERED)!.columns).not.toContain('#')
  })
  it('is what was painted last, also where a hop is silent', () => {
    expect(resultOf('traceroute', WITH_STATUS)!.rows).toEqual([
      { LOSS: '100%', SENT: '4', LAST: 'timeout' },
      { 'ADDRESS': '198.51.100.6', 'LOSS': '0%', 'SENT': '20', 'LAST': '1.1ms', 'AVG': '1.2', 'BEST': '0.9', 'WORST': '1.7', 'STD-DEV': '0.2', 'STA..': '<MPLS:L=17,E=0>' },
    ])
  })
  it('is read from records too, which some consoles print', () => {
    expect(resultOf('traceroute', '  address: 192.0.2.1\n     loss: 0\n\n  address: 192.0.2.9\n     loss: 100\n\nScript file loaded')!.rows)
      .toEqual([{ ADDRESS: '192.0.2.1', LOSS: '0' }, { ADDRESS: '192.0.2.9', LOSS: '100' }])
  })
})

describe('other results', () => {
  it('of a firmware check are facts, the last of each', () => {
    expect(resultOf('firmware-check', '  status: finding out latest version...\n\n  channel: stable\n  installed-version: 7.20.8\n  latest-version: 7.22\n  status: New version is available\n')!.facts)
      .toEqual([
        { name: 'status', value: 'New version is available' }, { name: 'channel', value: 'stable' }, { name: 'installed-version', value: '7.20.8' },
        { name: 'latest-version', value: '7.22' },
      ])
  })
  it('stay text where their form is not known', () => {
    expect([resultOf('script', PING), resultOf('ping', 'something else'), resultOf('ping', ''), resultOf('export', NUMBERED)]).toEqual([null, null, null, null])
  })
  it('are bounded, whatever a router sends', () => {
    expect(resultOf('ping', `SEQ HOST\n${'1 x\n'.repeat(5000)}`)!.rows).toHaveLength(1000)
  })
  it('show what was lost', () => {
    expect([resultTone('LOSS', '100%'), resultTone('packet-loss', '25%'), resultTone('LOSS', '0%'), resultTone('STATUS', 'timeout'), resultTone('TIME', '1ms')])
      .toEqual(['error', 'warning', '', 'error', ''])
  })
})
