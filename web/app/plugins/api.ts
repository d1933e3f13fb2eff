import { createApi } from '~/client/api'
import { createHttp } from '~/client/http'
import type { Session } from '~/client/types'

const OPEN = ['/sign-in', '/setup', '/join']

/** The one HTTP client: carries the CSRF token, and leads to the sign-in page when the session is over. */
export default defineNuxtPlugin(() => {
  const session = useState<Session | null | undefined>('session')
  const reached = useState('reached', () => true)
  const router = useRouter()

  function signedOut() {
    const was = session.value
    session.value = null
    const here = router.currentRoute.value
    if (was && !OPEN.includes(here.path)) void router.push({ path: '/sign-in', query: { next: here.fullPath } })
  }

  const http = createHttp('/api/v1', {
    csrf: () => session.value?.csrf_token ?? null,
    signedOut,
    reached: (ok) => { reached.value = ok },
  })
  return { provide: { api: createApi(http) } }
})
