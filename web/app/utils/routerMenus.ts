/** The menus that somebody most often looks into, in groups, as RouterOS 7 writes their paths. */
export const ROUTER_MENUS: { group: string, menus: string[] }[] = [
  { group: 'interface', menus: ['/interface', '/interface/ethernet', '/interface/bridge', '/interface/bridge/port', '/interface/bridge/host', '/interface/vlan', '/interface/list/member'] },
  { group: 'ip', menus: ['/ip/address', '/ip/route', '/ip/arp', '/ip/neighbor', '/ip/dhcp-server/lease', '/ip/dhcp-client', '/ip/pool', '/ip/dns', '/ip/dns/static', '/ip/service'] },
  { group: 'firewall', menus: ['/ip/firewall/filter', '/ip/firewall/nat', '/ip/firewall/mangle', '/ip/firewall/address-list', '/ip/firewall/connection'] },
  { group: 'ipv6', menus: ['/ipv6/address', '/ipv6/route', '/ipv6/neighbor', '/ipv6/firewall/filter'] },
  { group: 'vpn', menus: ['/interface/wireguard', '/interface/wireguard/peers', '/ppp/active', '/ppp/secret', '/ip/ipsec/active-peers'] },
  { group: 'routing', menus: ['/routing/ospf/neighbor', '/routing/bgp/session', '/queue/simple', '/queue/tree'] },
  { group: 'wireless', menus: ['/interface/wifi', '/interface/wifi/registration-table', '/interface/wireless', '/interface/wireless/registration-table'] },
  { group: 'system', menus: ['/system/resource', '/system/identity', '/system/clock', '/system/ntp/client', '/system/package', '/system/routerboard', '/system/health', '/system/scheduler', '/system/script', '/log', '/user', '/user/active', '/file', '/certificate'] },
]

const EVERY = ROUTER_MENUS.flatMap(one => one.menus)
export const VERBS = ['add', 'disable', 'enable', 'export', 'find', 'get', 'monitor', 'move', 'print', 'remove', 'reset', 'run', 'set', 'unset'] as const
const LONELY = ['/ping', '/tool/traceroute', '/system/reboot', '/system/backup/save', '/export']

/** Which columns of a menu come first; all others follow as the router names them. */
const FIRST: Record<string, string[]> = {
  '/interface': ['name', 'type', 'running', 'mac-address', 'actual-mtu', 'rx-byte', 'tx-byte'],
  '/ip/address': ['address', 'network', 'interface'],
  '/ip/route': ['dst-address', 'gateway', 'distance', 'active', 'routing-table'],
  '/ip/arp': ['address', 'mac-address', 'interface', 'status'],
  '/ip/dhcp-server/lease': ['address', 'mac-address', 'host-name', 'status', 'server', 'expires-after', 'last-seen'],
  '/ip/firewall/filter': ['chain', 'action', 'protocol', 'src-address', 'dst-address', 'dst-port', 'in-interface', 'connection-state', 'bytes', 'packets'],
  '/ip/firewall/nat': ['chain', 'action', 'protocol', 'src-address', 'dst-address', 'dst-port', 'to-addresses', 'to-ports', 'out-interface'],
  '/log': ['time', 'topics', 'message'],
  '/user': ['name', 'group', 'address', 'last-logged-in'],
}
const FLAGS = ['disabled', 'dynamic', 'invalid', 'inactive', 'default', 'builtin', 'slave']
const MOST_COLUMNS = 9

/** The properties that become columns, the telling ones first; flags and ids have a place of their own. */
export function menuColumns(menu: string, rows: readonly Record<string, string>[], all = false): string[] {
  const seen = [...new Set(rows.flatMap(row => Object.keys(row)))].filter(key => !FLAGS.includes(key) && !key.startsWith('.'))
  const first = (FIRST[menu] ?? ['name', 'address', 'interface']).filter(key => seen.includes(key))
  const rest = seen.filter(key => !first.includes(key) && key !== 'comment' && rows.some(row => row[key]))
  const ordered = [...first, ...rest]
  const shown = all ? ordered : ordered.slice(0, MOST_COLUMNS)
  return seen.includes('comment') ? [...shown, 'comment'] : shown
}

/** The flags that are set on a row, as RouterOS's `print` puts them before it. */
export function rowFlags(row: Readonly<Record<string, string>>): string[] {
  return FLAGS.filter(flag => row[flag] === 'true')
}

export const REDACTED = '<redacted>'

/** The rows of an answer: one record is a list of one. */
export function rowsOf(value: unknown): Record<string, string>[] {
  if (Array.isArray(value)) return value.filter((one): one is Record<string, string> => typeof one === 'object' && one !== null)
  return typeof value === 'object' && value !== null ? [value as Record<string, string>] : []
}

/** Rows that hold a text anywhere, whatever the case. */
export function rowsWith<T extends Record<string, string>>(rows: readonly T[], text: string): T[] {
  const wanted = text.trim().toLowerCase()
  return wanted ? rows.filter(row => Object.values(row).some(value => String(value).toLowerCase().includes(wanted))) : [...rows]
}

export interface Completion { from: number, options: string[] }

/**
 * What may follow at the end of a line: the next word of a known path, a command, or a property that was seen in this menu.
 * `from` is where the last word begins.
 */
export function completionsOf(line: string, context: string, known: ReadonlyMap<string, readonly string[]>): Completion {
  const from = /[^\s/]*$/.exec(line)!.index
  const typed = line.slice(from)
  const before = line.slice(0, from).trim().replace(/\s+/g, '/').replace(/\/+/g, '/').replace(/\/$/, '')
  const words = before.split('/').filter(Boolean)
  const verb = words.findIndex(word => (VERBS as readonly string[]).includes(word))
  const base = before.startsWith('/') || line.startsWith('/') ? '' : context
  const prefix = (path: string[]) => `${base}/${path.join('/')}`.replace(/\/+/g, '/').replace(/\/$/, '')
  if (verb >= 0) {
    const properties = known.get(prefix(words.slice(0, verb)) || '/') ?? []
    const options = words[verb] === 'print' ? (/\bwhere\b/.test(line) ? properties.map(name => `${name}=`) : ['where', 'detail']) : properties.map(name => `${name}=`)
    return { from, options: options.filter(one => one.startsWith(typed) && one !== typed) }
  }
  const at = prefix(words)
  const next = [...EVERY, ...LONELY].filter(path => path.startsWith(`${at}/`)).map(path => path.slice(at.length + 1).split('/')[0]!)
  const verbs = at ? VERBS : []
  return { from, options: [...new Set([...next, ...verbs])].filter(one => one.startsWith(typed) && one !== typed) }
}
