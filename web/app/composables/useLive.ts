/** What the server tells as it happens. Listeners go away with the component that added them. */
export function useLive() {
  const { connected, pulse, on } = useNuxtApp().$live
  const listen: typeof on = (kind, listener) => {
    const stop = on(kind, listener)
    onScopeDispose(stop)
    return stop
  }
  return { connected, pulse, on: listen }
}
