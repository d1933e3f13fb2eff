import type { Api } from '~/client/api'

export function useApi(): Api {
  return useNuxtApp().$api
}
