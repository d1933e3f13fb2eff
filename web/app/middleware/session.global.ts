/** Nobody sees a page of an organisation without a session; a fresh server leads to its set-up instead. */
export default defineNuxtRouteMiddleware(async (to) => {
  if (to.path === '/join' || to.path === '/setup') return
  const { load } = useSession()
  const session = await load().catch(() => undefined)
  if (session) return to.path === '/sign-in' ? navigateTo('/') : undefined
  if (session === undefined) return
  const setup = await useApi().setup.needed().catch(() => ({ needed: false }))
  if (setup.needed) return navigateTo('/setup')
  if (to.path !== '/sign-in') return navigateTo({ path: '/sign-in', query: { next: to.fullPath } })
})
