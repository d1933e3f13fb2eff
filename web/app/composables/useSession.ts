import type { Permission, Session } from '~/client/types'

/** Who is signed in, for which organisation, and what they may do. `null`: nobody; `undefined`: not asked yet. */
export function useSession() {
  const nuxt = useNuxtApp()
  const session = useState<Session | null | undefined>('session', () => undefined)
  const can = (permission: Permission) => session.value?.permissions.includes(permission) ?? false

  async function load() {
    if (session.value !== undefined) return session.value
    try {
      session.value = await nuxt.$api.session.get()
    } catch (cause) {
      if (asProblem(cause).status !== 401) throw cause
      session.value = null
    }
    return session.value
  }

  /** Another organisation is another world: everything on screen is asked for anew. */
  async function switchTo(organisationId: string) {
    session.value = await nuxt.$api.session.switchTo(organisationId)
    await navigateTo('/')
  }

  async function signOut() {
    await nuxt.$api.session.close()
    session.value = null
    await navigateTo('/sign-in')
  }

  return { session, can, load, switchTo, signOut }
}
