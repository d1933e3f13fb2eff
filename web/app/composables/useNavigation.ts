import type { Permission } from '~/client/types'
import type { MessageKey } from '~/utils/messages'

export interface Place { label: string, icon: string, to: string, keys?: string }
interface Rule { label: MessageKey, icon: string, to: string, needs?: Permission, keys?: string }

const PLACES: Rule[][] = [
  [
    { label: 'nav.overview', icon: 'i-lucide-gauge', to: '/', keys: 'g-o' },
    { label: 'nav.devices', icon: 'i-lucide-router', to: '/devices', needs: 'devices:read', keys: 'g-d' },
    { label: 'nav.sites', icon: 'i-lucide-map-pin', to: '/sites', needs: 'sites:read', keys: 'g-s' },
    { label: 'nav.traffic', icon: 'i-lucide-arrow-left-right', to: '/traffic', needs: 'traffic:read', keys: 'g-f' },
    { label: 'nav.logs', icon: 'i-lucide-logs', to: '/logs', needs: 'logs:read', keys: 'g-m' },
    { label: 'nav.jobs', icon: 'i-lucide-square-terminal', to: '/jobs', needs: 'jobs:read', keys: 'g-j' },
    { label: 'nav.runs', icon: 'i-lucide-layers', to: '/runs', needs: 'runs:read', keys: 'g-u' },
    { label: 'nav.query', icon: 'i-lucide-messages-square', to: '/query', needs: 'routeros:read', keys: 'g-q' },
    { label: 'nav.library', icon: 'i-lucide-library', to: '/library', needs: 'library:read', keys: 'g-l' },
    { label: 'nav.approvals', icon: 'i-lucide-stamp', to: '/approvals', needs: 'runs:read', keys: 'g-w' },
    { label: 'nav.events', icon: 'i-lucide-activity', to: '/events', needs: 'devices:read', keys: 'g-v' },
    { label: 'nav.enrol', icon: 'i-lucide-circle-plus', to: '/enrol', needs: 'enrolment:read', keys: 'g-e' },
  ],
  [
    { label: 'nav.people', icon: 'i-lucide-users', to: '/people', needs: 'people:read', keys: 'g-p' },
    { label: 'nav.tokens', icon: 'i-lucide-key-round', to: '/tokens', needs: 'tokens:read', keys: 'g-t' },
    { label: 'nav.callbacks', icon: 'i-lucide-webhook', to: '/callbacks', needs: 'jobs:read', keys: 'g-c' },
    { label: 'nav.audit', icon: 'i-lucide-scroll-text', to: '/audit', needs: 'audit:read', keys: 'g-a' },
    { label: 'nav.settings', icon: 'i-lucide-settings', to: '/settings', needs: 'settings:read', keys: 'g-,' },
    { label: 'nav.reference', icon: 'i-lucide-braces', to: '/reference', keys: 'g-r' },
  ],
]

/** The places that this person may go to, in the groups of the sidebar. */
export function useNavigation() {
  const { can } = useSession()
  return computed<Place[][]>(() => PLACES.map(group => group
    .filter(place => !place.needs || can(place.needs))
    .map(({ label, icon, to, keys }) => ({ label: t(label), icon, to, keys }))))
}
