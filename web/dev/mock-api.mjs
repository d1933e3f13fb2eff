/**
 * A stand-in for the API, for working on the dashboard without a server. Development only: nothing of it ships.
 *
 *   node dev/mock-api.mjs [--port 8787] [--static DIR]
 *
 * Any e-mail with password "tikfleet" signs in. `GET /__mock?mode=empty|fail|slow|setup|normal` changes how it behaves.
 */
import { createServer } from 'node:http'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { extname, join, normalize } from 'node:path'
import { parseArgs } from 'node:util'
import { openapi } from './mock-openapi.mjs'

const { values: flags } = parseArgs({ options: { port: { type: 'string', default: '8787' }, static: { type: 'string' } } })
let mode = 'normal'
let seed = 7
const random = () => { seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF; return seed / 0x7FFFFFFF }
const pick = list => list[Math.floor(random() * list.length)]
const hash = text => [...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7)
const iso = ms => new Date(ms).toISOString().replace(/\.\d+/, '')
const NOW = () => Date.now()
const id = (prefix, n) => `${prefix}_${(hash(prefix + n) * 7919 % 2 ** 40).toString(36).padStart(8, '0')}${n}`

// ---------------------------------------------------------------- the world
const PERMISSIONS = ['organisation', 'people', 'sites', 'devices', 'enrolment', 'jobs', 'telemetry', 'tokens', 'audit', 'settings']
  .flatMap(area => (['telemetry', 'audit'].includes(area) ? [`${area}:read`] : [`${area}:read`, `${area}:write`]))
const ORGANISATIONS = [
  { id: 'org_nordwind', name: 'Nordwind Networks', parent_id: null },
  { id: 'org_harbour', name: 'Harbour Hotels', parent_id: 'org_nordwind' },
  { id: 'org_alp', name: 'Alpine Schools', parent_id: 'org_nordwind' },
  { id: 'org_alp_tyrol', name: 'Tyrol district', parent_id: 'org_alp' },
]
const PLACES = [
  ['Berlin HQ', 52.52, 13.40], ['Hamburg Port', 53.54, 9.98], ['Munich Depot', 48.14, 11.58], ['Vienna Office', 48.21, 16.37],
  ['Zurich POP', 47.38, 8.54], ['Amsterdam DC', 52.37, 4.90], ['London Store', 51.51, -0.13], ['Paris Nord', 48.86, 2.35],
  ['Madrid Warehouse', 40.42, -3.70], ['Lisbon Office', 38.72, -9.14], ['Riga Depot', 56.95, 24.11], ['Warsaw Hub', 52.23, 21.01],
  ['Cape Town Branch', -33.92, 18.42], ['Nairobi POP', -1.29, 36.82], ['Singapore DC', 1.35, 103.82], ['Sydney Office', -33.87, 151.21],
  ['São Paulo Branch', -23.55, -46.63], ['New York POP', 40.71, -74.0], ['Toronto Store', 43.65, -79.38], ['Test bench', null, null],
]
const groups = ['Europe', 'Overseas', 'Customers'].map((name, n) => ({ id: id('grp', n), name, site_count: 0 }))
const sites = PLACES.map(([name, latitude, longitude], n) => ({
  id: id('sit', n), name, site_group_id: n < 12 ? groups[0].id : n < 19 ? groups[1].id : null, address: latitude ? `${10 + n} Main Street` : null,
  latitude, longitude, tags: n % 4 ? [] : ['core'], notes: null, device_count: 0, online_count: 0, created_at: iso(NOW() - 9e9),
}))
for (const group of groups) group.site_count = sites.filter(site => site.site_group_id === group.id).length

const MODELS = [
  ['RB5009UG+S+', 'arm64', 4, 1400, 1024], ['hAP ax³', 'arm64', 4, 1800, 1024], ['hAP ac²', 'arm', 4, 716, 128], ['CCR2004-1G-12S+2XS', 'arm64', 4, 1700, 4096],
  ['hEX S', 'mmips', 4, 880, 256], ['CRS328-24P-4S+', 'arm', 1, 800, 512], ['LtAP mini LTE', 'mipsbe', 1, 650, 128], ['CHR', 'x86', 2, 2400, 512],
  ['wAP ax', 'arm64', 2, 1300, 512], ['RB4011iGS+', 'arm', 4, 1400, 1024],
]
const VERSIONS = ['7.20.4 (stable)', '7.20.4 (stable)', '7.20.4 (stable)', '7.19.6 (stable)', '7.16.2 (long-term)', '7.21 (testing)', '6.49.18 (long-term)']
const ROLES = ['gw', 'ap', 'sw', 'edge', 'cpe', 'lab']
const devices = Array.from({ length: 214 }, (_, n) => {
  const site = sites[Math.floor(random() ** 1.6 * sites.length)]
  const [model, architecture, cpus, mhz, mb] = pick(MODELS)
  const roll = random()
  const status = n === 3 ? 'pending' : n === 5 ? 'never' : n === 9 ? 'removing' : roll < 0.9 ? 'online' : roll < 0.985 ? 'offline' : 'pending'
  const up = status === 'online'
  const seen = up ? NOW() - random() * 28e3 : status === 'never' ? null : NOW() - 3e5 - random() * 9e8
  const name = n === 7 ? 'evil\u202Egnp.exe<script>alert(1)</script>' : `${pick(ROLES)}-${site.name.toLowerCase().split(' ')[0]}-${String(n).padStart(2, '0')}`
  const busy = random() ** 3
  const memory = 20 + random() * 60
  const rx = up ? Math.round(busy * 9.3e8 + random() * 4e5) : null
  const total = mb * 1048576
  const pending = status === 'never'
  return {
    id: id('dev', n), name, identity: name, status, status_since: iso(NOW() - random() * 8e8), serial: `HE${(hash(name) % 36 ** 8).toString(36).toUpperCase().padStart(8, '0')}`,
    board: model, model, architecture, version: pick(VERSIONS), firmware: '7.20.4', site: random() < 0.95 ? { id: site.id, name: site.name } : null,
    tags: [...(random() < 0.2 ? ['core'] : []), ...(random() < 0.3 ? ['customer'] : []), ...(random() < 0.1 ? ['lte-backup'] : [])],
    wan_address: `198.51.${n % 100}.${hash(name) % 254}`, last_address: `203.0.113.${hash(name) % 254}`, last_seen_at: seen && iso(seen), uptime_s: up ? Math.round(random() ** 2 * 9e6) : null,
    cpu_load: up ? Math.round(2 + busy * 90 + random() * 6) : null, memory_used_percent: pending ? null : n === 12 ? 96.4 : Math.round(memory * 10) / 10,
    disk_used_percent: Math.round(random() * 800) / 10, temperature_c: model === 'CHR' ? null : Math.round(34 + random() * 30), clients: model.includes('AP') ? Math.round(random() * 40) : 0,
    rx_bps: rx, tx_bps: rx === null ? null : Math.round(rx * (0.1 + random() * 0.4)), agent_tier: 'full', agent_version: '1.0.0', warning_count: n % 17 === 4 ? 1 + n % 2 : 0,
    enrolled_at: iso(NOW() - 1e9 - random() * 2e10), cpu_count: cpus, cpu_frequency_mhz: mhz, memory_total_bytes: total, memory_free_bytes: Math.round(total * (1 - memory / 100)),
    disk_total_bytes: 134217728, disk_free_bytes: 61000000,
  }
})
for (const site of sites) {
  const here = devices.filter(device => device.site?.id === site.id)
  Object.assign(site, { device_count: here.length, online_count: here.filter(device => device.status === 'online').length })
}
const FINDINGS = [
  { code: 'routeros.unsupported', severity: 'warning', text: 'RouterOS 6.49 no longer gets new features from MikroTik.', remedy: 'Upgrade to the 7.20 long-term channel when the site allows it.' },
  { code: 'clock.off', severity: 'warning', text: 'The router’s clock is 4 minutes behind.', remedy: 'Set an NTP client: /system/ntp/client set enabled=yes servers=pool.ntp.org' },
  { code: 'agent.tier', severity: 'info', text: 'The agent runs with all features.', remedy: null },
]
const detail = device => ({
  ...device, notes: device.name.startsWith('gw') ? 'Rack 3, behind the patch panel.\nKey at the reception.' : null, license_level: device.model === 'CHR' ? 'p1' : '5', software_id: 'QX4B-8R0T', factory_firmware: '7.8', upgrade_firmware: '7.20.4',
  wireless_clients: device.clients, dhcp_leases: 34, ppp_active: device.name.startsWith('edge') ? 212 : 0,
  lte: device.model.includes('LTE') ? { operator: 'Telekom.de', technology: 'LTE', band: 'B3@20Mhz', rsrp: '-97 dBm', rsrq: '-11 dB', sinr: '9 dB' } : null,
  health: device.temperature_c ? [{ name: 'cpu-temperature', value: device.temperature_c, unit: '°C' }, { name: 'voltage', value: 24.1, unit: 'V' }, { name: 'fan1-speed', value: 3840, unit: 'rpm' }] : [],
  next_checkin_at: iso(NOW() + 17e3), interval_s: 30, boot_at: device.uptime_s ? iso(NOW() - device.uptime_s * 1000) : null, enrolment_key_id: keys[0].id,
  findings: [...(device.warning_count ? FINDINGS.slice(0, device.warning_count) : []), FINDINGS[2]], missed_checkins: device.status === 'offline' ? 14 : 0,
})
const interfacesOf = device => Array.from({ length: device.model.startsWith('CRS') ? 24 : 9 }, (_, n) => {
  const name = n === 0 ? 'ether1-wan' : n < 6 || device.model.startsWith('CRS') ? `ether${n + 1}` : ['bridge', 'wifi1', 'wireguard1'][n - 6]
  const h = hash(device.id + name)
  const running = h % 5 > 0 && device.status === 'online'
  const rx = running ? Math.round((device.rx_bps ?? 0) * ((h % 100) / 100)) : 0
  return { name, type: name.startsWith('ether') ? 'ether' : name.replace(/\d/, ''), mac_address: `48:A9:8A:${[16, 8, 0].map(s => ((h >> s) & 255).toString(16).padStart(2, '0').toUpperCase()).join(':')}`, mtu: 1500, running,
    disabled: h % 11 === 0, comment: n === 0 ? 'WAN — fibre, Deutsche Glasfaser' : n === 2 ? 'do not touch\u0007 <b>really</b>' : null, link_downs: h % 4, last_link_up_at: iso(NOW() - 8e7), rx_bytes: rx * 9000, tx_bytes: rx * 3000,
    rx_bps: rx, tx_bps: Math.round(rx * 0.3), rx_errors: h % 13 === 0 ? h % 900 : 0, tx_errors: 0, rx_drops: h % 7 === 0 ? h % 90 : 0, tx_drops: 0, updated_at: iso(NOW() - 9e3) }
})
const wirelessOf = device => Array.from({ length: device.clients ?? 0 }, (_, n) => ({
  interface: n % 2 ? 'wifi1' : 'wifi2', mac_address: `5C:02:14:${[n * 7, n * 13, n * 31].map(v => (v % 256).toString(16).padStart(2, '0').toUpperCase()).join(':')}`,
  ssid: n % 5 ? 'Nordwind' : 'Nordwind guests ☕', signal_dbm: -38 - (hash(device.id + n) % 45), tx_rate_bps: 866e6 - n * 9e6, rx_rate_bps: 585e6 - n * 6e6, uptime_s: hash(`${n}`) % 90000, updated_at: iso(NOW() - 9e3),
}))
const neighborsOf = device => devices.filter(other => other.site?.id === device.site?.id && other.id !== device.id).slice(0, 12).map((other, n) => ({
  interface: `ether${n % 5 + 1}`, address: `10.0.${n}.1`, mac_address: `48:A9:8A:00:11:${(n + 16).toString(16)}`, identity: other.identity, platform: 'MikroTik', board: other.model, version: other.version, discovered_by: 'mndp',
}))

const ME = { id: 'per_ada', email: 'ada@nordwind.example', name: 'Ada Lindqvist' }
const person = { kind: 'person', id: ME.id, name: ME.name }
const people = [
  { ...ME, role: 'owner', disabled: false, pending: false, created_at: iso(NOW() - 3e10), last_signed_in_at: iso(NOW() - 6e5) },
  { id: 'per_b', email: 'bo@nordwind.example', name: 'Bo Jensen', role: 'admin', disabled: false, pending: false, created_at: iso(NOW() - 2e10), last_signed_in_at: iso(NOW() - 9e7) },
  { id: 'per_c', email: 'chidi@nordwind.example', name: 'Chidi Okafor', role: 'operator', disabled: false, pending: false, created_at: iso(NOW() - 1e10), last_signed_in_at: iso(NOW() - 4e6) },
  { id: 'per_d', email: 'dora@harbour.example', name: 'Dora Weiss', role: 'viewer', disabled: true, pending: false, created_at: iso(NOW() - 1e10), last_signed_in_at: iso(NOW() - 4e9) },
  { id: 'per_e', email: 'eli@nordwind.example', name: 'Eli Novak', role: 'operator', disabled: false, pending: true, created_at: iso(NOW() - 8e7), last_signed_in_at: null },
]
const tokens = [
  { id: 'tok_a', name: 'Grafana', scopes: ['devices:read', 'telemetry:read'], prefix: 'tft_9fKq', created_at: iso(NOW() - 8e9), expires_at: null, last_used_at: iso(NOW() - 2e4), created_by: ME },
  { id: 'tok_b', name: 'Terraform', scopes: ['devices:read', 'devices:write', 'sites:read', 'sites:write', 'enrolment:write'], prefix: 'tft_Zp2x', created_at: iso(NOW() - 4e9), expires_at: iso(NOW() + 6e9), last_used_at: iso(NOW() - 9e8), created_by: ME },
  { id: 'tok_c', name: 'NetBox sync', scopes: ['devices:read'], prefix: 'tft_0aBc', created_at: iso(NOW() - 2e10), expires_at: iso(NOW() - 2e8), last_used_at: null, created_by: ME },
]
const keys = [
  { id: 'key_a', name: 'Field technicians', prefix: 'tfe_7Hq2', site_id: null, site_group_id: groups[0].id, expires_at: iso(NOW() + 9e8), max_uses: 100, uses: 61, needs_approval: false, tags: ['customer'], state: 'active', created_at: iso(NOW() - 2e9), created_by: person },
  { id: 'key_b', name: 'Hamburg rollout', prefix: 'tfe_p0Xd', site_id: sites[1].id, site_group_id: null, expires_at: iso(NOW() - 9e7), max_uses: 20, uses: 20, needs_approval: true, tags: [], state: 'used-up', created_at: iso(NOW() - 5e9), created_by: person },
  { id: 'key_c', name: 'Old lab key', prefix: 'tfe_aa1Z', site_id: null, site_group_id: null, expires_at: null, max_uses: null, uses: 3, needs_approval: false, tags: [], state: 'revoked', created_at: iso(NOW() - 2e10), created_by: person },
]
const attempts = Array.from({ length: 24 }, (_, n) => {
  const device = devices[n * 7]
  const outcome = n === 2 ? 'refused' : n === 4 ? 'pending' : n % 6 === 5 ? 'warning' : 'enrolled'
  return { id: id('enr', n), at: iso(NOW() - n * 52e5 - 3e5), key_id: keys[n % 2].id, serial: device.serial, identity: device.identity, board: device.model, version: device.version, source_address: device.last_address, outcome,
    reason: outcome === 'refused' ? 'The enrolment key has been used up.' : null, device_id: outcome === 'refused' ? null : device.id,
    findings: outcome === 'warning' ? [{ code: 'device-mode.fetch', severity: 'warning', text: 'Device mode forbids /tool fetch after the next reset.', remedy: 'Allow it once on site: /system/device-mode update fetch=yes, then press the reset button.' }]
      : outcome === 'refused' ? [{ code: 'key.used-up', severity: 'blocking', text: 'The key was good for 20 routers and all 20 have used it.', remedy: 'Raise the limit of the key, or create a new one.' }] : [] }
})
const KINDS = ['device.online', 'device.offline', 'device.rebooted', 'device.version-changed', 'device.address-changed', 'job.finished', 'device.enrolled', 'device.identity-changed']
const SAY = { 'device.online': 'came back after 4m 12s', 'device.offline': 'missed 3 check-ins', 'device.rebooted': 'restarted after 12d 4h', 'device.version-changed': '7.19.6 → 7.20.4', 'device.address-changed': '203.0.113.7 → 203.0.113.19', 'job.finished': 'Export configuration: succeeded', 'device.enrolled': 'enrolled with key “Field technicians”', 'device.identity-changed': 'MikroTik → gw-berlin-04' }
let eventCount = 0
function makeEvent(at) {
  const device = pick(devices)
  const kind = pick(KINDS)
  return { id: id('evt', eventCount++), at: iso(at), kind, device_id: device.id, device_name: device.name, site_id: device.site?.id ?? null, text: SAY[kind], data: {} }
}
const events = Array.from({ length: 400 }, (_, n) => makeEvent(NOW() - n * 73e3 - 2e4))
const SCRIPTS = ['/system/resource/print', '/ip/address/print', ':put [/system/identity/get name]', '/interface/ethernet/print stats', '/ip/firewall/filter/print where dynamic']
const OUTPUT = '                   uptime: 3d4h12m51s\n                  version: 7.20.4 (stable)\n              free-memory: 812.4MiB\n             total-memory: 1024.0MiB\n                      cpu: ARM64\n                cpu-count: 4\n                 cpu-load: 6%\n        architecture-name: arm64\n               board-name: RB5009UG+S+\n'
function makeJob(n, device, status, extra = {}) {
  const at = NOW() - n * 21e5
  const done = !['queued', 'delivered', 'running'].includes(status)
  const history = [{ at: iso(at), status: 'queued', note: 'Asked by Ada Lindqvist' }]
  if (status !== 'queued') history.push({ at: iso(at + 9e3), status: 'delivered', note: 'Fetched at a check-in' })
  if (done) history.push({ at: iso(at + 11e3), status, note: status === 'failed' ? 'The script stopped with an error' : null })
  return { id: id('job', n), batch_id: null, device_id: device.id, device_name: device.name, kind: 'script', job_class: 'query', status, description: n % 3 ? null : 'Weekly check', script: SCRIPTS[n % SCRIPTS.length], created_at: iso(at), created_by: person,
    delivered_at: status === 'queued' ? null : iso(at + 9e3), started_at: status === 'queued' ? null : iso(at + 9e3), finished_at: done ? iso(at + 11e3 + n * 130) : null, expires_at: iso(at + 864e5), timeout_s: 60,
    output: status === 'succeeded' ? OUTPUT : null, output_truncated: false, error: status === 'failed' ? 'bad command name adress (line 1 column 5)' : null, history, ...extra }
}
const jobs = Array.from({ length: 130 }, (_, n) => makeJob(n, devices[(n * 37) % devices.length], n < 2 ? 'queued' : n === 2 ? 'running' : pick(['succeeded', 'succeeded', 'succeeded', 'succeeded', 'failed', 'timed_out', 'expired', 'unknown', 'cancelled'])))
const ACTIONS = [['device.change', 'device', { name: 'MikroTik', tags: [] }, { name: 'gw-berlin-04', tags: ['core'] }], ['enrolment-key.create', 'enrolment-key', null, { name: 'Field technicians', max_uses: 100 }], ['job.create', 'job', null, { kind: 'script', script: '/ip/address/print', devices: 12 }], ['person.invite', 'person', null, { email: 'eli@nordwind.example', role: 'operator' }], ['session.open', 'session', null, null], ['settings.change', 'settings', { checkin_interval_s: 60 }, { checkin_interval_s: 30 }], ['device.remove', 'device', { name: 'cpe-riga-88', serial: 'HE0001' }, null]]
const audit = Array.from({ length: 90 }, (_, n) => {
  const [action, kind, before, after] = ACTIONS[n % ACTIONS.length]
  return { id: id('aud', n), at: iso(NOW() - n * 37e5), actor: n % 5 === 4 ? { kind: 'token', id: 'tok_b', name: 'Terraform' } : person, action, target: { kind, id: `${kind}_${n}`, name: after?.name ?? before?.name ?? kind }, source_address: '192.0.2.44', before, after }
})
let settings = { checkin_interval_s: 30, offline_after_missed: 3, timezone: 'Europe/Berlin' }
let session = null
const organisations = () => ORGANISATIONS.map((one, n) => ({ ...one, created_at: iso(NOW() - 3e10), device_count: [214, 61, 22, 9][n] }))
const sessionOf = org => ({ person: ME, organisation: org, role: 'owner', organisations: ORGANISATIONS.map(one => ({ ...one, role: 'owner' })), permissions: PERMISSIONS, csrf_token: `csrf-${org.id}`, expires_at: iso(NOW() + 3e7) })

// ---------------------------------------------------------------- telemetry
const SPANS = { '15m': 900, '1h': 3600, '6h': 21600, '24h': 86400, '7d': 604800, '30d': 2592000, '90d': 7776000, '365d': 31536000 }
const UNITS = { cpu_load: 'percent', memory_used_percent: 'percent', disk_used_percent: 'percent', temperature_c: 'celsius', voltage_v: 'volt', uptime_s: 's', rx_bps: 'bps', tx_bps: 'bps', lte_rsrp_dbm: 'dbm' }
const LEVEL = { cpu_load: [18, 14], memory_used_percent: [52, 3], disk_used_percent: [31, 1], temperature_c: [46, 5], wireless_clients: [22, 14], dhcp_leases: [60, 20], ppp_active: [200, 30], checkins: [430, 12], rx_bps: [2.2e8, 1.5e8], tx_bps: [6e7, 4e7], rx_errors: [0, 0], tx_errors: [0, 0], rx_drops: [3, 3], tx_drops: [0, 0], lte_rsrp_dbm: [-97, 4] }
function valueAt(key, metric, at, fleet) {
  const [base, swing] = LEVEL[metric] ?? [5, 2]
  const h = hash(key + metric) % 1000 / 1000
  const day = Math.sin((at % 86400) / 86400 * 2 * Math.PI - 1.9 + h * 0.4)
  const noise = Math.sin(at / 977 + h * 40) * 0.3 + Math.sin(at / 313 + h * 90) * 0.25 + (hash(`${key}${Math.floor(at / 60)}`) % 100 / 100 - 0.5) * 0.5
  const value = base + swing * (day * 0.7 + noise)
  return Math.max(metric === 'lte_rsrp_dbm' ? -140 : 0, value * (fleet ? (metric === 'checkins' ? 1 : 60) : 0.6 + h * 0.8))
}
function span(query) {
  const to = query.get('to') ? Date.parse(query.get('to')) / 1000 : NOW() / 1000
  const from = query.get('from') ? Date.parse(query.get('from')) / 1000 : to - (SPANS[query.get('last') ?? '6h'] ?? 21600)
  return [from, to]
}
function seriesAnswer(query) {
  const [from, to] = span(query)
  const wanted = Number(query.get('points') ?? 300)
  const step = Math.max(30, Math.ceil((to - from) / wanted / 30) * 30)
  const start = Math.ceil(from / step) * step
  const scopes = query.getAll('device_id').length ? query.getAll('device_id') : [null]
  const series = scopes.flatMap(device => query.getAll('metric').map(metric => ({
    metric, unit: UNITS[metric] ?? 'count', device_id: device, interface: query.get('interface'),
    points: mode === 'empty' ? [] : Array.from({ length: Math.floor((to - start) / step) }, (_, n) => {
      const at = start + n * step
      const gap = device && hash(device) % 3 === 0 && n / wanted > 0.55 && n / wanted < 0.6
      return [at, gap ? null : Math.round(valueAt((device ?? 'fleet') + (query.get('interface') ?? ''), metric, at, !device) * 100) / 100]
    }),
  })))
  return { resolution: step <= 60 ? 'raw' : step <= 1800 ? '5m' : step <= 43200 ? '1h' : '1d', step_s: step, from: iso(from * 1000), to: iso(to * 1000), elapsed_ms: 7, rows_read: 18342, series }
}
const line = (key, metric, n = 24) => Array.from({ length: n }, (_, index) => valueAt(key, metric, NOW() / 1000 - (n - index) * 900, false))
function top(query) {
  const metric = query.get('metric')
  const limit = Number(query.get('limit') ?? 10)
  const items = [...devices].filter(one => one.status === 'online').sort((a, b) => (b[metric] ?? 0) - (a[metric] ?? 0)).slice(0, limit)
  return { unit: UNITS[metric] ?? 'count', elapsed_ms: 4, items: mode === 'empty' ? [] : items.map(one => ({ key: one.id, label: one.name, device_id: one.id, interface: null, value: one[metric] ?? 0, sparkline: line(one.id, metric) })) }
}

// ---------------------------------------------------------------- answers
class Refusal extends Error {
  constructor(status, code, detail, remedy = null, errors = []) { super(detail); Object.assign(this, { status, code, detail, remedy, errors }) }
}
const missing = what => new Refusal(404, `${what}.not-found`, `There is no such ${what}.`, 'It may have been removed. Go back to the list.')
function page(list, query, searched = ['name']) {
  if (mode === 'empty') return { items: [], next_cursor: null, total: 0 }
  const q = (query.get('q') ?? '').toLowerCase()
  let items = q ? list.filter(item => searched.some(key => String(item[key] ?? '').toLowerCase().includes(q))) : [...list]
  const sort = query.get('sort')
  if (sort) {
    const key = sort.replace('-', '')
    const way = sort.startsWith('-') ? -1 : 1
    items.sort((a, b) => (a[key] === b[key] ? 0 : (a[key] ?? '') > (b[key] ?? '') ? way : -way))
  }
  const total = items.length
  const from = Number(query.get('cursor') || 0)
  const limit = Number(query.get('limit') ?? 50)
  items = items.slice(from, from + limit)
  return { items, next_cursor: from + limit < total ? String(from + limit) : null, total }
}
const FILTERS = { status: one => one.status, model: one => one.model, version: one => one.version, architecture: one => one.architecture, site_id: one => one.site?.id, site_group_id: one => sites.find(site => site.id === one.site?.id)?.site_group_id }
function filtered(query) {
  return devices.filter(one => Object.entries(FILTERS).every(([key, of]) => !query.has(key) || query.getAll(key).includes(of(one)))
    && (!query.has('tag') || query.getAll('tag').some(tag => one.tags.includes(tag))))
}
function countBy(list, of, label) {
  const counts = new Map()
  for (const one of list) for (const key of [of(one)].flat()) if (key) counts.set(key, (counts.get(key) ?? 0) + 1)
  return [...counts].map(([key, count]) => ({ key, ...(label ? { label: label(key) } : {}), count })).sort((a, b) => b.count - a.count)
}
function facets(query) {
  const q = (query.get('q') ?? '').toLowerCase()
  const list = mode === 'empty' ? [] : filtered(query).filter(one => !q || one.name.includes(q))
  return { status: countBy(list, one => one.status), model: countBy(list, one => one.model), version: countBy(list, one => one.version), architecture: countBy(list, one => one.architecture),
    site: countBy(list, one => one.site?.id, key => sites.find(site => site.id === key)?.name), tag: countBy(list, one => one.tags), total: list.length }
}
function collection(list, name, make) {
  return {
    [`GET /${name}`]: ({ query }) => page(list, query),
    [`POST /${name}`]: ({ body }) => { const made = make(body); list.unshift(made); return [201, made] },
    [`GET /${name}/:id`]: ({ id: key }) => list.find(one => one.id === key) ?? fail(missing(name)),
    [`PATCH /${name}/:id`]: ({ id: key, body }) => Object.assign(list.find(one => one.id === key) ?? fail(missing(name)), body),
    [`DELETE /${name}/:id`]: ({ id: key }) => { list.splice(list.findIndex(one => one.id === key), 1); return [204] },
  }
}
const fail = (problem) => { throw problem }
const find = key => devices.find(one => one.id === key) ?? fail(missing('device'))
const streams = new Set()
const broadcast = (kind, data) => { for (const stream of streams) stream.write(`event: ${kind}\nid: ${data.id ?? NOW()}\ndata: ${JSON.stringify(data)}\n\n`) }

/** Every "bad" is an error, every "reboot" a warning. */
function checkScript({ body }) {
  const remarks = body.source.split('\n').flatMap((text, n) => [['bad', 'error', 'unknown-command', 'bad command name bad'], ['reboot', 'warning', 'risk.reboot', 'the router restarts: what passes through it stops meanwhile']]
    .flatMap(([word, severity, code, message]) => (text.includes(word) ? [{ severity, line: n + 1, column: text.indexOf(word) + 1, code, message, since: null }] : [])))
  const count = severity => remarks.filter(one => one.severity === severity).length
  const versions = body.device_ids?.length === 1 ? ['7.20.4'] : ['7.20.4', '7.16.2']
  return { ok: !count('error'), versions_left_out: 0, checks: versions.map(version => ({ version, is_assumed: false, device_count: 1, devices: [], error_count: count('error'), warning_count: count('warning'), remarks })) }
}

function createJobs({ body }) {
  const chosen = body.device_ids ? body.device_ids.map(find) : filtered(new URLSearchParams(Object.entries(body.selection ?? {}).flatMap(([key, values]) => [values].flat().map(value => [key, value]))))
  if (body.script?.includes('bad') && !body.unchecked) throw new Refusal(409, 'script.invalid', 'RouterOS 7.20.4 on these devices would refuse line 1 column 1: bad command name bad', 'Correct the script.', [{ pointer: '/script', message: 'line 1 column 1: bad command name bad (RouterOS 7.20.4)' }])
  const batch = id('bat', jobs.length)
  const made = chosen.map((device, n) => makeJob(0, device, 'queued', { id: id('job', jobs.length + n + 1000), batch_id: batch, kind: body.kind, script: body.script ?? null, description: body.description ?? null, job_class: body.job_class ?? 'once', created_at: iso(NOW()), history: [{ at: iso(NOW()), status: 'queued', note: 'Asked by Ada Lindqvist' }] }))
  jobs.unshift(...made)
  made.forEach((job, n) => {
    const step = (after, status, extra) => setTimeout(() => {
      Object.assign(job, { status }, extra?.())
      job.history.push({ at: iso(NOW()), status, note: null })
      broadcast('job.changed', { id: job.id, device_id: job.device_id, batch_id: batch, status })
    }, after + n * 120)
    step(1500, 'running', () => ({ delivered_at: iso(NOW()), started_at: iso(NOW()) }))
    step(3500, 'succeeded', () => ({ finished_at: iso(NOW()), output: OUTPUT }))
  })
  return [201, { batch_id: batch, count: made.length, items: made.slice(0, 200) }]
}
function newKey(body) {
  const secret = 'tfe_7Hq2mWc9LxR4vTnB8sKd'
  setTimeout(() => {
    const device = devices[20]
    const attempt = { ...attempts[0], id: id('enr', NOW()), at: iso(NOW()), key_id: keys[0].id, outcome: 'enrolled', device_id: device.id, findings: [] }
    attempts.unshift(attempt)
    broadcast('device.enrolled', { id: id('evt', NOW()), at: iso(NOW()), kind: 'device.enrolled', device_id: device.id, device_name: device.name, site_id: null, text: 'enrolled', data: { enrolment_key_id: keys[0].id } })
  }, Number(process.env.MOCK_ENROL_MS ?? 9000))
  return { id: id('key', keys.length), prefix: secret.slice(0, 8), uses: 0, state: 'active', created_at: iso(NOW()), created_by: person, site_id: null, site_group_id: null, expires_at: null, max_uses: null, needs_approval: false, tags: [], ...body, secret,
    lines: { v7: `/tool/fetch url="https://fleet.nordwind.example/e/${secret}" check-certificate=yes dst-path=tikfleet.rsc; /import tikfleet.rsc`, v6: `/tool fetch url="https://fleet.nordwind.example/e/${secret}?ros=6" check-certificate=no dst-path=tikfleet.rsc; :delay 2s; /import tikfleet.rsc` } }
}

const ROUTES = {
  'GET /setup': () => ({ needed: mode === 'setup' }),
  'POST /setup': ({ body }) => (body.token === 'wrong' ? fail(new Refusal(403, 'setup.wrong-token', 'This is not the set-up token.', 'Look for it in the server’s log.')) : (mode = 'normal', session = sessionOf(ORGANISATIONS[0]), [201, session])),
  'POST /session': ({ body }) => (body.password === 'tikfleet' ? session = sessionOf(ORGANISATIONS[0]) : fail(new Refusal(401, 'session.wrong-credentials', 'E-mail or password is wrong.', 'Check both. After five wrong tries you have to wait a minute.'))),
  'GET /session': () => session ?? fail(new Refusal(401, 'session.required', 'Nobody is signed in.', 'Sign in.')),
  'DELETE /session': () => { session = null; return [204] },
  'PUT /session/organisation': ({ body }) => session = sessionOf(ORGANISATIONS.find(one => one.id === body.organisation_id)),
  'PUT /session/password': ({ body }) => (body.current_password === 'tikfleet' ? [204] : fail(new Refusal(403, 'session.wrong-password', 'The current password is wrong.', 'Type it again.'))),
  'POST /invitations/accept': () => [201, session = sessionOf(ORGANISATIONS[0])],
  'GET /organisations': ({ query }) => page(organisations(), query),
  'POST /organisations': ({ body }) => { const made = { id: id('org', ORGANISATIONS.length), ...body }; ORGANISATIONS.push(made); return [201, { ...made, device_count: 0, created_at: iso(NOW()) }] },
  ...collection(people, 'people', body => ({ id: id('per', people.length), disabled: false, pending: true, created_at: iso(NOW()), last_signed_in_at: null, ...body, invitation_token: 'inv_4kQm2vXc8ZpL' })),
  ...collection(tokens, 'tokens', body => ({ id: id('tok', tokens.length), prefix: 'tft_n3wT', created_at: iso(NOW()), last_used_at: null, created_by: ME, ...body, secret: 'tft_n3wTq8Wm2Lx9vRk4Zs7B' })),
  ...collection(sites, 'sites', body => ({ id: id('sit', sites.length), device_count: 0, online_count: 0, created_at: iso(NOW()), tags: [], ...body })),
  ...collection(groups, 'site-groups', body => ({ id: id('grp', groups.length), site_count: 0, ...body })),
  ...collection(keys, 'enrolment-keys', newKey),
  'DELETE /enrolment-keys/:id': ({ id: key }) => { keys.find(one => one.id === key).state = 'revoked'; return [204] },
  'GET /enrolments': ({ query }) => page(attempts.filter(one => !query.has('key_id') || one.key_id === query.get('key_id')), query),
  'GET /devices': ({ query }) => page(filtered(query), query, ['name', 'serial', 'wan_address', 'model']),
  'GET /devices/facets': ({ query }) => facets(query),
  'GET /devices/:id': ({ id: key }) => detail(find(key)),
  'PATCH /devices/:id': ({ id: key, body }) => { const { site_id, ...rest } = body; const device = find(key); Object.assign(device, rest); if (site_id !== undefined) device.site = sites.find(one => one.id === site_id) ?? null; return detail(device) },
  'POST /devices/:id/approve': ({ id: key }) => Object.assign(find(key), { status: 'online' }),
  'DELETE /devices/:id': ({ id: key, query }) => { const device = find(key); if (query.get('force')) { devices.splice(devices.indexOf(device), 1); return [204] } device.status = 'removing'; return [202, device] },
  'GET /devices/:id/interfaces': ({ id: key }) => ({ items: mode === 'empty' ? [] : interfacesOf(find(key)) }),
  'GET /devices/:id/wireless-clients': ({ id: key }) => ({ items: mode === 'empty' ? [] : wirelessOf(find(key)) }),
  'GET /devices/:id/neighbors': ({ id: key }) => ({ items: mode === 'empty' ? [] : neighborsOf(find(key)) }),
  'GET /events': ({ query }) => page(events.filter(one => (!query.has('device_id') || one.device_id === query.get('device_id')) && (!query.has('kind') || query.getAll('kind').includes(one.kind))), query, ['device_name', 'text']),
  'POST /scripts/check': checkScript,
  'POST /jobs': createJobs,
  'GET /jobs': ({ query }) => page(jobs.filter(one => ['device_id', 'batch_id', 'kind', 'status'].every(key => !query.has(key) || query.getAll(key).includes(one[key]))), query, ['device_name', 'script', 'description']),
  'GET /jobs/:id': ({ id: key }) => jobs.find(one => one.id === key) ?? fail(missing('job')),
  'POST /jobs/:id/cancel': ({ id: key }) => { const job = jobs.find(one => one.id === key); job.status = 'cancelled'; job.finished_at = iso(NOW()); job.history.push({ at: iso(NOW()), status: 'cancelled', note: 'Cancelled by Ada Lindqvist' }); return job },
  'GET /telemetry/metrics': () => ({ items: Object.keys(LEVEL).map(name => ({ name, unit: UNITS[name] ?? 'count', kind: 'gauge', of: 'device', label: name })) }),
  'GET /telemetry/series': ({ query }) => seriesAnswer(query),
  'GET /telemetry/top': ({ query }) => top(query),
  'GET /telemetry/totals': () => (mode === 'empty' ? { checkins: 0, devices: 0, cpu_count: 0, rx_bytes: 0, tx_bytes: 0, elapsed_ms: 1, rows_read: 0, resolution: 'raw' } : { checkins: 612480, devices: 206, cpu_count: 704, rx_bytes: 48.2e12, tx_bytes: 11.7e12, elapsed_ms: 3, rows_read: 61024, resolution: '5m' }),
  'GET /telemetry/breakdown': ({ query }) => { const list = mode === 'empty' ? [] : countBy(devices, one => one[query.get('by')]); return { items: list.map(one => ({ ...one, share_percent: one.count / devices.length * 100 })) } },
  'GET /telemetry/sparklines': ({ query }) => ({ unit: 'percent', step_s: 900, items: query.getAll('device_id').map(key => ({ device_id: key, values: line(key, query.get('metric')).map((value, n) => (hash(key) % 9 === 0 && n > 8 && n < 13 ? null : value)) })) }),
  'GET /audit': ({ query }) => page(audit.filter(one => !query.has('action') || query.getAll('action').includes(one.action)), query, ['action']),
  'GET /settings': () => settings,
  'PATCH /settings': ({ body }) => settings = { ...settings, ...body },
  'GET /server': () => ({ version: '0.1.0', started_at: iso(NOW() - 4e8), adapters: { database: 'sqlite', warehouse: 'chdb', inbox: 'sqlite', bus: 'memory', blobs: 'files', cache: 'memory' }, public_url: 'https://fleet.nordwind.example', agent_url: 'https://fleet.nordwind.example', has_public_certificate: true, retention_days: { raw: 14, '5m': 90, '1h': 730, '1d': 3650, events: 365, audit: 730 }, storage: { warehouse: 812.4e6, database: 41.2e6, inbox: 1.1e6, blobs: 220e6 }, checkins_per_s: 7.1, inbox_depth: 0, demonstration: true }),
  'GET /openapi.json': () => openapi,
}
const PATTERNS = Object.entries(ROUTES).map(([route, answer]) => {
  const [method, path] = route.split(' ')
  return { method, answer, exact: !path.includes(':'), pattern: new RegExp(`^${path.replace(':id', '([^/]+)')}$`) }
}).sort((a, b) => b.exact - a.exact)

async function read(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  const text = Buffer.concat(parts).toString()
  return text ? JSON.parse(text) : {}
}
async function answer(request, response, path, query) {
  const send = (status, body, type = 'application/json') => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }
  try {
    const open = ['/setup', '/session', '/invitations/accept', '/openapi.json'].includes(path)
    if (!open && !session) throw new Refusal(401, 'session.required', 'Nobody is signed in.', 'Sign in.')
    if (mode === 'fail' && !open && path !== '/settings') throw new Refusal(503, 'warehouse.unavailable', 'The history store gave no answer within 5 s.', 'Try again in a moment. If it stays, look at the server’s health page and log.')
    if (mode === 'slow' && !open) await new Promise(resolve => setTimeout(resolve, 60_000))
    if (request.method !== 'GET' && !open && request.headers['x-csrf-token'] !== session?.csrf_token) throw new Refusal(403, 'session.csrf', 'The request carries no valid CSRF token.', 'Reload the page.')
    const body = await read(request)
    for (const { method, pattern, answer: make } of PATTERNS) {
      const match = method === request.method && pattern.exec(path)
      if (!match) continue
      const result = make({ query, body, id: match[1] && decodeURIComponent(match[1]) })
      return Array.isArray(result) ? send(result[0], result[1]) : send(200, result)
    }
    throw new Refusal(404, 'route.not-found', `Nothing answers ${request.method} ${path}.`, 'See the API reference.')
  } catch (cause) {
    if (!(cause instanceof Refusal)) console.error(cause)
    const { status = 500, code = 'server.fault', detail = String(cause), remedy, errors = [] } = cause
    send(status, { type: `https://tikfleet.dev/problems/${code}`, title: code, status, detail, code, remedy, errors }, 'application/problem+json')
  }
}
function stream(request, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write(': hello\n\n')
  streams.add(response)
  request.on('close', () => streams.delete(response))
}
setInterval(() => broadcast('fleet.pulse', { at: iso(NOW()), checkins: 5 + Math.floor(Math.random() * 5), online: devices.filter(one => one.status === 'online').length, offline: 18 }), 1000)
setInterval(() => { if (mode === 'normal') { const event = makeEvent(NOW()); events.unshift(event); broadcast(event.kind, event) } }, 6000)

// ---------------------------------------------------------------- the built dashboard, as the API process serves it
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.json': 'application/json' }
const CSP = 'default-src \'none\'; script-src \'self\'; style-src \'self\' \'unsafe-inline\'; img-src \'self\' data: blob:; font-src \'self\'; connect-src \'self\'; worker-src \'self\'; base-uri \'none\'; form-action \'self\'; frame-ancestors \'none\''
function serve(path, response) {
  const wanted = join(flags.static, normalize(path))
  const file = existsSync(wanted) && statSync(wanted).isFile() ? wanted : path.startsWith('/_nuxt/') ? null : join(flags.static, 'index.html')
  if (!file) return response.writeHead(404).end()
  const zipped = existsSync(`${file}.gz`)
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': CSP, ...(zipped ? { 'content-encoding': 'gzip' } : {}) })
  createReadStream(zipped ? `${file}.gz` : file).pipe(response)
}
createServer((request, response) => {
  const url = new URL(request.url, 'http://mock')
  if (url.pathname === '/__mock') {
    mode = url.searchParams.get('mode') ?? mode
    if (mode === 'setup') session = null
    return response.end(mode)
  }
  if (url.pathname === '/api/v1/events/stream') return stream(request, response)
  if (url.pathname.startsWith('/api/v1')) return void answer(request, response, url.pathname.slice(7), url.searchParams)
  return flags.static ? serve(url.pathname, response) : response.writeHead(404).end()
}).listen(Number(flags.port), '127.0.0.1', () => console.log(`mock API on http://127.0.0.1:${flags.port}`))
