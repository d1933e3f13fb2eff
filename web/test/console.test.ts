import { describe, expect, it } from 'vitest'
import { readProblem } from '~/client/http'
import { readLine } from '~/utils/consoleLine'
import { completionsOf, menuColumns, rowFlags, rowsOf, rowsWith } from '~/utils/routerMenus'

describe('a line of the console', () => {
  it.each([
    ['/ip address print', ''], ['/ip/address/print', ''], ['/ip/address print detail', ''], ['print', '/ip/address'], ['address print', '/ip'],
  ])('reads a menu: %s', (line, context) => {
    expect(readLine(line, context)).toEqual({ kind: 'read', menu: '/ip/address', filters: {}, count: false })
  })

  it('asks with a condition of equality, quotes taken off', () => {
    expect(readLine('/interface print where type=ether comment="up link"', '')).toEqual(
      { kind: 'read', menu: '/interface', filters: { type: 'ether', comment: 'up link' }, count: false })
  })

  it.each(['/interface print where name~"eth"', '/log print where !disabled', '/ip route print where distance>1', '/interface print count=[/foo]', '/ip address print follow'])(
    'leaves what is more than that to the router: %s', (line) => {
      expect(readLine(line, '')).toEqual({ kind: 'run', script: line })
    })

  it.each([['/ip address add address=192.0.2.1/24 interface=ether1'], [':put 1'], ['/system reboot now=yes'], ['/ip address remove [find]']])('makes a job of %s', (line) => {
    expect(readLine(line, '/ip/route')).toEqual({ kind: 'run', script: line })
  })

  it('runs a command of the menu where somebody is by its whole path', () => {
    expect(readLine('set ether1 disabled=yes', '/interface/ethernet')).toEqual({ kind: 'run', script: '/interface ethernet set ether1 disabled=yes' })
  })

  it('moves by a path alone, up by two dots, and to the top by a slash', () => {
    expect(readLine('/ip address', '')).toEqual({ kind: 'move', menu: '/ip/address' })
    expect(readLine('firewall', '/ip')).toEqual({ kind: 'move', menu: '/ip/firewall' })
    expect(readLine('..', '/ip/firewall')).toEqual({ kind: 'move', menu: '/ip' })
    expect(readLine('/', '/ip')).toEqual({ kind: 'move', menu: '/' })
  })

  it('does nothing with nothing, or with a comment', () => {
    expect([readLine('  ', ''), readLine('# later', '')]).toEqual([{ kind: 'nothing' }, { kind: 'nothing' }])
  })
})

describe('what may follow', () => {
  const none = new Map<string, string[]>()

  it('is the next word of a path', () => {
    expect(completionsOf('/ip fire', '', none)).toEqual({ from: 4, options: ['firewall'] })
    expect(completionsOf('/ip/firewall/', '', none).options.slice(0, 2)).toEqual(['filter', 'nat'])
    expect(completionsOf('fil', '/ip/firewall', none).options).toEqual(['filter'])
  })

  it('is a command, and after it a property that was seen there', () => {
    expect(completionsOf('/ip address pri', '', none).options).toEqual(['print'])
    const known = new Map([['/ip/address', ['address', 'interface']]])
    expect(completionsOf('/ip address print where in', '', known).options).toEqual(['interface='])
    expect(completionsOf('set inter', '/ip/address', known).options).toEqual(['interface='])
  })
})

describe('rows of a menu', () => {
  const rows = [{ '.id': '*1', address: '192.0.2.1/24', interface: 'ether1', disabled: 'true', comment: 'up', network: '192.0.2.0' }, { '.id': '*2', address: '198.51.100.1/24', extra: '' }]

  it('have telling columns first, the comment last, and none that are empty, ids or flags', () => {
    expect(menuColumns('/ip/address', rows)).toEqual(['address', 'network', 'interface', 'comment'])
  })

  it('say their flags', () => {
    expect(rows.map(row => rowFlags(row))).toEqual([['disabled'], []])
  })

  it('are found by any of their values', () => {
    expect(rowsWith(rows, 'ETHER1')).toHaveLength(1)
    expect(rowsWith(rows, '')).toHaveLength(2)
  })

  it('come from one record as from many, and from nothing else', () => {
    expect([rowsOf({ name: 'a' }), rowsOf([{ a: '1' }, null]), rowsOf('text'), rowsOf(null)]).toEqual([[{ name: 'a' }], [{ a: '1' }], [], []])
  })
})

it('reads a refusal of the router itself', async () => {
  const problem = await readProblem(new Response('{"error":404,"message":"Not Found","detail":"no such item"}', { status: 404 }))
  expect([problem.code, problem.detail, problem.status]).toEqual(['routeros.404', 'no such item', 404])
})
