/** The wire types of `/api/v1`, by short names. They are generated: `npm run client` writes schema.d.ts from openapi.json. */
import type { components } from './schema'

type Schemas = components['schemas']

export type Session = Schemas['Session']
export type Permission = Session['permissions'][number]
export type Role = Session['role']
export type Organisation = Schemas['Organisation']
export type NewOrganisation = Schemas['OrganisationCreate']
export type Person = Schemas['Person']
export type NewPerson = Schemas['PersonInvite']
export type InvitedPerson = Schemas['InvitedPerson']
export type PersonChange = Schemas['PersonPatch']
export type Token = Schemas['Token']
export type NewToken = Schemas['TokenCreate']
export type CreatedToken = Schemas['CreatedToken']
export type SiteGroup = Schemas['SiteGroup']
export type Site = Schemas['Site']
export type NewSite = Schemas['SiteCreate']
export type DeviceSummary = Schemas['DeviceSummary']
export type DeviceStatus = DeviceSummary['status']
export type DeviceDetail = Schemas['DeviceDetail']
export type DeviceChange = Schemas['DevicePatch']
export type DeviceFacets = Schemas['Facets']
export type FacetCount = Schemas['Facet']
export type Finding = Schemas['Finding']
export type NetInterface = Schemas['InterfaceView']
export type WirelessClient = Schemas['WirelessClientView']
export type Neighbor = Schemas['NeighborView']
export type FleetEvent = Schemas['EventView']
export type EnrolmentKey = Schemas['EnrolmentKey']
export type NewEnrolmentKey = Schemas['EnrolmentKeyCreate']
export type CreatedEnrolmentKey = Schemas['NewEnrolmentKey']
export type EnrolmentAttempt = Schemas['EnrolmentAttempt']
export type Job = Schemas['JobView']
export type JobKind = Job['kind']
export type JobClass = Job['job_class']
export type JobStatus = Job['status']
export type JobBatch = Schemas['BatchView']
export type JobKindInfo = Schemas['JobKindView']
export type JobConfirmation = NonNullable<Job['confirm']>
export type AskedKind = Schemas['JobCreate']['kind']
export type DeviceSelection = Partial<Schemas['Selection']>
export type NewJob = Partial<Omit<Schemas['JobCreate'], 'kind' | 'selection'>> & { kind: Schemas['JobCreate']['kind'], selection?: DeviceSelection }
export type ScriptToCheck = Partial<Omit<Schemas['ScriptCheck'], 'source' | 'selection'>> & { source: string, selection?: DeviceSelection }
export type ScriptChecked = Schemas['ScriptChecked']
export type VersionCheck = Schemas['VersionCheck']
export type ScriptRemark = Schemas['RemarkView']
export type Run = Schemas['RunView']
export type RunState = Run['state']
export type RunKind = Run['kind']
export type RunCounts = Schemas['RunCounts']
export type RunWaveState = Schemas['RunWaveView']
export type RunTarget = Schemas['RunTargetView']
export type TargetState = RunTarget['state']
export type RunPreview = Schemas['RunPreview']
export type RunParameter = Schemas['RunParameter']
export type RunLimits = Schemas['RunLimits']
export type RunWaveWish = Partial<Schemas['RunWave']>
export type RunWindow = Schemas['MaintenanceWindow']
export type NewRun = Partial<Omit<Schemas['RunCreate'], 'name' | 'kind' | 'selection' | 'waves'>> & {
  name: string
  kind: RunKind
  selection?: DeviceSelection
  waves?: RunWaveWish[]
}
/** What a run was asked to be, as the API gives it back: its description knows no more than that it is an object. */
export interface RunSpec {
  change: Pick<Schemas['RunCreate'], 'script' | 'desired' | 'job_class' | 'unchecked' | 'timeout_s' | 'expires_in_s'> & {
    kind: RunKind
    parameters: RunParameter[]
    confirm_s: number
    retry_attempts?: number
    retry_pause_s?: number
    backup_first?: boolean
  }
  description: string
  device_ids: string[] | null
  selection: DeviceSelection | null
  joins_until: string | null
  waves: Schemas['RunWave'][]
  limits: RunLimits
  silence_s: number
  starts_at: string | null
  window: RunWindow | null
  needs_approval: boolean
}
export type QueryAsk = Partial<Omit<Schemas['QueryAsk'], 'query' | 'selection'>> & { query: string, selection?: DeviceSelection }
export type SavedQuery = Schemas['SavedQueryView']
export interface QueryCounts { devices: number, asked: number, answered: number, failed: number, waiting: number, rows: number }
export interface QueryRow { device_id: string, device_name: string, values: RouterRow }
export interface QueryUnanswered { device_id: string, device_name: string, reason: string, detail: string }
/** The lines of a fleet query (docs/reference/queries.md). */
export type QueryLine
  = | { kind: 'progress' } & QueryCounts
    | { kind: 'row' } & QueryRow
    | { kind: 'unanswered' } & QueryUnanswered
    | { kind: 'end', complete: boolean, seconds: number, stopped: string } & QueryCounts
/** A row of a menu as the router gives it: texts by property, the id as `.id`. */
export type RouterRow = Record<string, string>
export type RouterValue = RouterRow | RouterRow[]
export type LiveState = Schemas['LiveState']
export type LaterAnswer = Schemas['LaterAnswer']
export type TopItem = Schemas['TopItem']
export type Top = Schemas['TopList']
export type TrafficItem = Schemas['TrafficItem']
export type TrafficPercentile = Schemas['TrafficPercentile']
export type TrafficInterfaces = Schemas['TrafficInterfaces']
export type TrafficInterfacesPatch = Schemas['TrafficInterfacesPatch']
export type TrafficTop = Schemas['TrafficTop']
export type TrafficCourse = Schemas['TrafficCourse']
export type LogLine = Schemas['LogLine']
export type LogBufferState = Schemas['LogBufferState']
export type LogHistogram = Schemas['LogHistogram']
export type LogFacet = Schemas['LogFacet']
export type NewSource = Schemas['NewSource']
export type SeenSource = Schemas['SeenSource']
export type SourceCreate = Schemas['SourceCreate']
export type SourceTotals = Schemas['SourceTotals']
export type Totals = Schemas['TotalsView']
export type Breakdown = Schemas['Breakdown']
export type Sparklines = Schemas['Sparklines']
export type AuditEntry = Schemas['AuditEntry']
export type LibraryScript = Schemas['LibraryView']
export type LibraryVersion = Schemas['LibraryVersionView']
export type LibraryParameter = Schemas['LibraryParameter']
export type NewLibraryVersion = Partial<Schemas['LibraryVersionCreate']> & { source: string }
export type NewLibraryScript = Partial<Schemas['LibraryCreate']> & { source: string, name: string }
export type LibraryChange = Schemas['LibraryPatch']
export type Callback = Schemas['CallbackView']
export type Subscription = Schemas['SubscriptionView']
export type NewSubscription = Schemas['SubscriptionCreate']
export type CallbackSecretState = Schemas['CallbackSecretState']
export type CallbackSecretMade = Schemas['CallbackSecretMade']
export type Settings = Schemas['SettingsView']
export type SettingsPatch = Schemas['SettingsPatch']
export type InheritedSetting = Schemas['InheritedSetting']
export type ServerInfo = Schemas['ServerView']
export type CloudCosts = Schemas['CloudCosts']
export type Letter = Schemas['Letter']
export type LetterContent = Schemas['LetterContent']

/** One page of a list. */
export interface Page<T> { items: T[], next_cursor?: string | null, total?: number | null }

/** Seconds since 1970 and what was measured then, null where nothing was. JSON Schema can't say this as exactly. */
export type Point = [number, number | null]
export type Series = Omit<Schemas['SeriesView'], 'points'> & { points: Point[] }
export type SeriesAnswer = Omit<Schemas['SeriesList'], 'series'> & { series: Series[] }

/** What the event stream carries beside events; OpenAPI has no words for it. */
export interface FleetPulse { at: string, checkins: number, online: number, offline: number }
export interface JobChange { id: string, device_id: string, batch_id: string | null, status: JobStatus }
export interface RunChange { id: string, name: string, state: RunState, wave: number, waves: number, reason: string, counts: Partial<RunCounts> }
