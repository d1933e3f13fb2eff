/**
 * Wire types of `/api/v1`, as the API writes them. Names and shapes follow the OpenAPI document, from which
 * `npm run client` generates `schema.d.ts`.
 */
export type Permission
  = | 'organisation:read' | 'organisation:write' | 'people:read' | 'people:write' | 'sites:read' | 'sites:write'
    | 'devices:read' | 'devices:write' | 'enrolment:read' | 'enrolment:write' | 'jobs:read' | 'jobs:write'
    | 'telemetry:read' | 'tokens:read' | 'tokens:write' | 'audit:read' | 'settings:read' | 'settings:write'
export type Role = 'owner' | 'admin' | 'operator' | 'viewer'

export interface Page<T> { items: T[], next_cursor?: string | null, total?: number | null }
export interface Named { id: string, name: string }
export interface Actor { kind: string, id: string, name: string }

export interface Session {
  person: { id: string, email: string, name: string }
  organisation: { id: string, name: string, parent_id: string | null }
  role: Role
  organisations: { id: string, name: string, parent_id: string | null, role: Role }[]
  permissions: Permission[]
  csrf_token: string
  expires_at: string
}

export interface Organisation { id: string, name: string, parent_id: string | null, created_at: string, device_count: number }

export interface Person {
  id: string
  email: string
  name: string
  role: Role
  disabled: boolean
  pending: boolean
  created_at: string
  last_signed_in_at: string | null
  invitation_token?: string
}

export interface Token {
  id: string
  name: string
  scopes: Permission[]
  prefix: string
  created_at: string
  expires_at: string | null
  last_used_at: string | null
  created_by: Named
  secret?: string
}

export interface SiteGroup { id: string, name: string, site_count: number }
export interface Site {
  id: string
  name: string
  site_group_id: string | null
  address: string | null
  latitude: number | null
  longitude: number | null
  tags: string[]
  notes: string | null
  device_count: number
  online_count: number
  created_at: string
}

export type DeviceStatus = 'online' | 'offline' | 'pending' | 'never' | 'removing'
export interface DeviceSummary {
  id: string
  name: string
  identity: string | null
  status: DeviceStatus
  status_since: string | null
  serial: string | null
  board: string | null
  model: string | null
  architecture: string | null
  version: string | null
  firmware: string | null
  site: Named | null
  tags: string[]
  wan_address: string | null
  last_address: string | null
  last_seen_at: string | null
  uptime_s: number | null
  cpu_load: number | null
  memory_used_percent: number | null
  disk_used_percent: number | null
  temperature_c: number | null
  clients: number | null
  rx_bps: number | null
  tx_bps: number | null
  agent_tier: string | null
  agent_version: string | null
  warning_count: number
  enrolled_at: string
}

export type Severity = 'info' | 'warning' | 'blocking'
export interface Finding { code: string, severity: Severity, text: string, remedy: string | null }

export interface DeviceDetail extends DeviceSummary {
  notes: string | null
  cpu_count: number | null
  cpu_frequency_mhz: number | null
  memory_total_bytes: number | null
  memory_free_bytes: number | null
  disk_total_bytes: number | null
  disk_free_bytes: number | null
  license_level: string | null
  software_id: string | null
  factory_firmware: string | null
  upgrade_firmware: string | null
  wireless_clients: number | null
  dhcp_leases: number | null
  ppp_active: number | null
  lte: Record<string, unknown> | null
  health: { name: string, value: string | number | null, unit: string | null }[]
  next_checkin_at: string | null
  interval_s: number | null
  boot_at: string | null
  enrolment_key_id: string | null
  findings: Finding[]
  missed_checkins: number | null
}

export interface FacetCount { key: string, label?: string, count: number }
export interface DeviceFacets {
  status: FacetCount[]
  model: FacetCount[]
  version: FacetCount[]
  architecture: FacetCount[]
  site: FacetCount[]
  tag: FacetCount[]
  total: number
}

export interface NetInterface {
  name: string
  type: string | null
  mac_address: string | null
  mtu: number | null
  running: boolean
  disabled: boolean
  comment: string | null
  link_downs: number | null
  last_link_up_at: string | null
  rx_bytes: number | null
  tx_bytes: number | null
  rx_bps: number | null
  tx_bps: number | null
  rx_errors: number | null
  tx_errors: number | null
  rx_drops: number | null
  tx_drops: number | null
  updated_at: string | null
}

export interface WirelessClient {
  interface: string
  mac_address: string
  ssid: string | null
  signal_dbm: number | null
  tx_rate_bps: number | null
  rx_rate_bps: number | null
  uptime_s: number | null
  updated_at: string | null
}

export interface Neighbor {
  interface: string
  address: string | null
  mac_address: string | null
  identity: string | null
  platform: string | null
  board: string | null
  version: string | null
  discovered_by: string | null
}

export interface FleetEvent {
  id: string
  at: string
  kind: string
  device_id: string | null
  device_name: string | null
  site_id: string | null
  text: string
  data?: Record<string, unknown> | null
}
export interface FleetPulse { at: string, checkins: number, online: number, offline: number }

export type KeyState = 'active' | 'expired' | 'used-up' | 'revoked'
export interface EnrolmentKey {
  id: string
  name: string
  prefix: string
  site_id: string | null
  site_group_id: string | null
  expires_at: string | null
  max_uses: number | null
  uses: number
  needs_approval: boolean
  tags: string[]
  state: KeyState
  created_at: string
  created_by: Actor | Named | null
  secret?: string
  lines?: { v7: string, v6: string }
}

export type EnrolmentOutcome = 'enrolled' | 'pending' | 'refused' | 'warning'
export interface EnrolmentAttempt {
  id: string
  at: string
  key_id: string | null
  serial: string | null
  identity: string | null
  board: string | null
  version: string | null
  source_address: string | null
  outcome: EnrolmentOutcome
  reason: string | null
  findings: Finding[]
  device_id: string | null
}

export type JobKind = 'script' | 'reboot' | 'identity' | 'export'
export type JobClass = 'once' | 'query' | 'desired-state'
export type JobStatus
  = | 'queued' | 'delivered' | 'running' | 'succeeded' | 'failed' | 'timed_out' | 'rejected' | 'cancelled' | 'expired' | 'unknown'
export interface Job {
  id: string
  batch_id: string | null
  device_id: string
  device_name: string
  kind: JobKind
  job_class: JobClass
  status: JobStatus
  description: string | null
  script: string | null
  created_at: string
  created_by: Actor
  delivered_at: string | null
  started_at: string | null
  finished_at: string | null
  expires_at: string | null
  timeout_s: number | null
  output: string | null
  output_truncated: boolean
  error: string | null
  history: { at: string, status: JobStatus, note: string | null }[]
}
export interface JobBatch { batch_id: string, count: number, items: Job[] }
export interface DeviceSelection {
  q?: string
  status?: string[]
  site_id?: string[]
  site_group_id?: string[]
  model?: string[]
  version?: string[]
  architecture?: string[]
  tag?: string[]
}
export interface NewJob {
  device_ids?: string[]
  selection?: DeviceSelection
  kind: JobKind
  job_class?: JobClass
  script?: string
  parameters?: { name?: string }
  description?: string
  expires_in_s?: number
  timeout_s?: number
}

export interface MetricInfo { name: string, unit: string, kind: 'gauge' | 'rate' | 'count', of: string, label: string }
export type Point = [number, number | null]
export interface Series { metric: string, unit: string, device_id: string | null, interface: string | null, points: Point[] }
export interface SeriesAnswer {
  resolution: string
  step_s: number
  from: string
  to: string
  elapsed_ms: number
  rows_read: number | null
  series: Series[]
}
export interface TopItem {
  key: string
  label: string
  device_id: string | null
  interface: string | null
  value: number
  sparkline: (number | null)[]
}
export interface Top { unit: string, items: TopItem[], elapsed_ms: number }
export interface Totals {
  checkins: number
  devices: number
  cpu_count: number
  rx_bytes: number
  tx_bytes: number
  elapsed_ms: number
  rows_read: number | null
  resolution: string
}
export interface Breakdown { items: { key: string, count: number, share_percent: number }[] }
export interface Sparklines { unit: string, step_s: number, items: { device_id: string, values: (number | null)[] }[] }

export interface AuditEntry {
  id: string
  at: string
  actor: Actor
  action: string
  target: { kind: string, id: string | null, name: string | null } | null
  source_address: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

export interface Settings { checkin_interval_s: number, offline_after_missed: number, timezone: string }
export interface ServerInfo {
  version: string
  started_at: string
  adapters: Record<string, string>
  public_url: string | null
  agent_url: string | null
  has_public_certificate: boolean
  retention_days: Record<string, number>
  storage: Record<string, number>
  checkins_per_s: number | null
  inbox_depth: number | null
  demonstration: boolean
}
