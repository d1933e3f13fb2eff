import { queryText, type Http, type Query } from './http'
import type * as wire from './types'

type Signal = AbortSignal | undefined

/** GET list, GET one, POST, PATCH, DELETE: the five verbs that most things of the API share. */
function resource<T, New, Made = T, Change = Partial<New>>(http: Http, path: string) {
  const at = (id: string) => `${path}/${encodeURIComponent(id)}`
  return {
    list: (query?: Query, signal?: Signal) => http.get<wire.Page<T>>(path, query, signal),
    get: (id: string, signal?: Signal) => http.get<T>(at(id), undefined, signal),
    create: (body: New) => http.post<Made>(path, body),
    change: (id: string, body: Change) => http.patch<T>(at(id), body),
    remove: (id: string, query?: Query) => http.delete<T | undefined>(at(id), query),
  }
}

interface Credentials { email: string, password: string }
interface FirstRun extends Credentials { token: string, organisation: string, name: string }

/** `/ip/address` for an address; an asterisk stays, as on a router. */
function menuPath(path: string): string {
  return path.split('/').map(word => encodeURIComponent(word).replaceAll('%2A', '*')).join('/')
}

/** Every call that the dashboard makes, by what it is about. */
export function createApi(http: Http) {
  const device = (id: string) => `/devices/${encodeURIComponent(id)}`
  const run = (id: string) => `/runs/${encodeURIComponent(id)}`
  return {
    setup: {
      needed: () => http.get<{ needed: boolean }>('/setup'),
      run: (body: FirstRun) => http.post<wire.Session>('/setup', body),
    },
    session: {
      get: () => http.get<wire.Session>('/session'),
      open: (body: Credentials) => http.post<wire.Session>('/session', body),
      close: () => http.delete('/session'),
      switchTo: (organisation_id: string) => http.put<wire.Session>('/session/organisation', { organisation_id }),
      changePassword: (body: { current_password: string, new_password: string }) => http.put('/session/password', body),
      acceptInvitation: (body: { token: string, name: string, password: string }) =>
        http.post<wire.Session>('/invitations/accept', body),
    },
    organisations: resource<wire.Organisation, wire.NewOrganisation>(http, '/organisations'),
    people: resource<wire.Person, wire.NewPerson, wire.InvitedPerson, wire.PersonChange>(http, '/people'),
    tokens: resource<wire.Token, wire.NewToken, wire.CreatedToken>(http, '/tokens'),
    siteGroups: resource<wire.SiteGroup, { name: string }>(http, '/site-groups'),
    sites: resource<wire.Site, wire.NewSite>(http, '/sites'),
    devices: {
      ...resource<wire.DeviceSummary, never, never, wire.DeviceChange>(http, '/devices'),
      get: (id: string, signal?: Signal) => http.get<wire.DeviceDetail>(device(id), undefined, signal),
      facets: (query?: Query, signal?: Signal) => http.get<wire.DeviceFacets>('/devices/facets', query, signal),
      approve: (id: string) => http.post<wire.DeviceDetail>(`${device(id)}/approve`),
      reject: (id: string) => http.post<void>(`${device(id)}/reject`),
      interfaces: (id: string, signal?: Signal) =>
        http.get<wire.Page<wire.NetInterface>>(`${device(id)}/interfaces`, undefined, signal),
      wirelessClients: (id: string, signal?: Signal) =>
        http.get<wire.Page<wire.WirelessClient>>(`${device(id)}/wireless-clients`, undefined, signal),
      neighbors: (id: string, signal?: Signal) =>
        http.get<wire.Page<wire.Neighbor>>(`${device(id)}/neighbors`, undefined, signal),
    },
    events: { list: (query?: Query, signal?: Signal) => http.get<wire.Page<wire.FleetEvent>>('/events', query, signal) },
    enrolmentKeys: resource<wire.EnrolmentKey, wire.NewEnrolmentKey, wire.CreatedEnrolmentKey>(http, '/enrolment-keys'),
    enrolments: {
      list: (query?: Query, signal?: Signal) => http.get<wire.Page<wire.EnrolmentAttempt>>('/enrolments', query, signal),
    },
    jobs: {
      list: (query?: Query, signal?: Signal) => http.get<wire.Page<wire.Job>>('/jobs', query, signal),
      get: (id: string, signal?: Signal) => http.get<wire.Job>(`/jobs/${encodeURIComponent(id)}`, undefined, signal),
      create: (body: wire.NewJob) => http.post<wire.JobBatch>('/jobs', body),
      cancel: (id: string) => http.post<wire.Job>(`/jobs/${encodeURIComponent(id)}/cancel`),
      output: (id: string) => `/api/v1/jobs/${encodeURIComponent(id)}/output`,
    },
    jobKinds: (signal?: Signal) => http.get<{ items: wire.JobKindInfo[] }>('/job-kinds', undefined, signal),
    library: {
      ...resource<wire.LibraryScript, wire.NewLibraryScript, wire.LibraryScript, wire.LibraryChange>(http, '/library'),
      versions: (id: string, query?: Query, signal?: Signal) =>
        http.get<{ items: wire.LibraryVersion[] }>(`/library/${encodeURIComponent(id)}/versions`, query, signal),
      addVersion: (id: string, body: wire.NewLibraryVersion) =>
        http.post<wire.LibraryVersion>(`/library/${encodeURIComponent(id)}/versions`, body),
    },
    scripts: {
      check: (body: wire.ScriptToCheck, signal?: Signal) => http.post<wire.ScriptChecked>('/scripts/check', body, signal),
    },
    runs: {
      list: (query?: Query, signal?: Signal) => http.get<wire.Page<wire.Run>>('/runs', query, signal),
      get: (id: string, signal?: Signal) => http.get<wire.Run>(run(id), undefined, signal),
      create: (body: wire.NewRun) => http.post<wire.Run>('/runs', body),
      targets: (id: string, query?: Query, signal?: Signal) => http.get<wire.Page<wire.RunTarget>>(`${run(id)}/targets`, query, signal),
      preview: (id: string, query?: Query, signal?: Signal) => http.get<wire.Page<wire.RunPreview>>(`${run(id)}/preview`, query, signal),
      plan: (id: string) => http.post<wire.Run>(`${run(id)}/plan`),
      start: (id: string) => http.post<wire.Run>(`${run(id)}/start`),
      approve: (id: string) => http.post<wire.Run>(`${run(id)}/approve`),
      pause: (id: string, reason: string) => http.post<wire.Run>(`${run(id)}/pause`, { reason }),
      resume: (id: string, reason: string) => http.post<wire.Run>(`${run(id)}/resume`, { reason }),
      cancel: (id: string, reason: string) => http.post<wire.Run>(`${run(id)}/cancel`, { reason }),
      retry: (id: string, body: { unknown: boolean, cancelled: boolean }) => http.post<wire.Run>(`${run(id)}/retry`, body),
      reportCsv: (id: string) => `/api/v1${run(id)}/report.csv`,
    },
    routeros: {
      live: (id: string) => http.post<wire.LiveState>(`${device(id)}/live`),
      /** A menu or record as the router's own REST gives it, or the job that will bring it. */
      read: (id: string, path: string, query?: Query, signal?: Signal) =>
        http.exchange<wire.RouterValue | wire.LaterAnswer>('GET', `${device(id)}/routeros${menuPath(path)}${queryText(query)}`, undefined, signal, { prefer: 'wait=5' }),
      answer: (jobId: string, signal?: Signal) =>
        http.exchange<wire.RouterValue | wire.LaterAnswer>('GET', `/jobs/${encodeURIComponent(jobId)}/routeros`, undefined, signal),
    },
    queries: {
      ask: (body: wire.QueryAsk, signal: AbortSignal, tell: (line: wire.QueryLine) => void) => http.stream('/queries', body, signal, tell),
      saved: (query?: Query, signal?: Signal) => http.get<wire.Page<wire.SavedQuery>>('/queries', query, signal),
      save: (body: { name: string, ask: wire.QueryAsk, shared: boolean }) => http.post<wire.SavedQuery>('/queries/saved', body),
      remove: (id: string) => http.delete(`/queries/${encodeURIComponent(id)}`),
    },
    traffic: {
      top: (query: Query, signal?: Signal) => http.get<wire.TrafficTop>('/traffic/top', query, signal),
      series: (query: Query, signal?: Signal) => http.get<wire.TrafficCourse>('/traffic/series', query, signal),
      percentile: (query: Query, signal?: Signal) => http.get<wire.TrafficPercentile>('/traffic/percentile', query, signal),
      nameInterfaces: (device: string, body: wire.TrafficInterfacesPatch) => http.patch<wire.TrafficInterfaces>(`/devices/${device}/traffic-interfaces`, body),
    },
    logs: {
      search: (query: Query, signal?: Signal) => http.get<wire.Page<wire.LogLine>>('/logs', query, signal),
      histogram: (query: Query, signal?: Signal) => http.get<wire.LogHistogram>('/logs/histogram', query, signal),
      buffer: (signal?: Signal) => http.get<wire.LogBufferState>('/logs/buffer', {}, signal),
      facet: (query: Query, signal?: Signal) => http.get<wire.LogFacet>('/logs/facet', query, signal),
      follow: (query: Query) => `/api/v1/logs/follow${queryText(query)}`,
      exportCsv: (query: Query) => `/api/v1/logs/export.csv${queryText(query)}`,
    },
    sources: {
      totals: (signal?: Signal) => http.get<wire.SourceTotals>('/sources/totals', undefined, signal),
      seen: (query: Query, signal?: Signal) => http.get<wire.Page<wire.SeenSource>>('/sources/seen', query, signal),
      claim: (body: wire.SourceCreate) => http.post<wire.NewSource>('/sources', body),
    },
    telemetry: {
      series: (query: Query, signal?: Signal) => http.get<wire.SeriesAnswer>('/telemetry/series', query, signal),
      top: (query: Query, signal?: Signal) => http.get<wire.Top>('/telemetry/top', query, signal),
      totals: (query: Query, signal?: Signal) => http.get<wire.Totals>('/telemetry/totals', query, signal),
      breakdown: (query: Query, signal?: Signal) => http.get<wire.Breakdown>('/telemetry/breakdown', query, signal),
      sparklines: (query: Query, signal?: Signal) => http.get<wire.Sparklines>('/telemetry/sparklines', query, signal),
    },
    audit: { list: (query?: Query, signal?: Signal) => http.get<wire.Page<wire.AuditEntry>>('/audit', query, signal) },
    callbacks: {
      list: (query?: Query, signal?: Signal) => http.get<wire.Page<wire.Callback>>('/callbacks', query, signal),
      get: (id: string, signal?: Signal) => http.get<wire.Callback>(`/callbacks/${encodeURIComponent(id)}`, undefined, signal),
      retry: (id: string) => http.post<wire.Callback>(`/callbacks/${encodeURIComponent(id)}/retry`),
      subscriptions: (signal?: Signal) => http.get<wire.Page<wire.Subscription>>('/callbacks/subscriptions', undefined, signal),
      subscribe: (body: wire.NewSubscription) => http.post<wire.Subscription>('/callbacks/subscriptions', body),
      unsubscribe: (id: string) => http.delete(`/callbacks/subscriptions/${encodeURIComponent(id)}`),
      secret: (signal?: Signal) => http.get<wire.CallbackSecretState>('/callbacks/secret', undefined, signal),
      makeSecret: () => http.post<wire.CallbackSecretMade>('/callbacks/secret'),
    },
    settings: {
      get: (signal?: Signal) => http.get<wire.Settings>('/settings', undefined, signal),
      change: (body: wire.SettingsPatch) => http.patch<wire.Settings>('/settings', body),
    },
    server: (signal?: Signal) => http.get<wire.ServerInfo>('/server', undefined, signal),
    cloudCosts: (query: Query, signal?: Signal) => http.get<wire.CloudCosts>('/server/costs', query, signal),
    letters: {
      list: (signal?: Signal) => http.get<wire.Page<wire.Letter>>('/server/letters', undefined, signal),
      get: ({ id }: wire.Letter, signal?: Signal) => http.get<wire.LetterContent>(`/server/letters/${encodeURIComponent(id)}`, undefined, signal),
      replay: ({ id }: wire.Letter) => http.post<undefined>(`/server/letters/${encodeURIComponent(id)}/replay`),
      replayAll: () => http.post<{ replayed: number }>('/server/letters/replay'),
      discard: ({ id }: wire.Letter) => http.delete(`/server/letters/${encodeURIComponent(id)}`),
    },
    openapi: (signal?: Signal) => http.get<Record<string, unknown>>('/openapi.json', undefined, signal),
  }
}
export type Api = ReturnType<typeof createApi>
