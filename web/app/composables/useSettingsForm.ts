import type { Resource } from '~/composables/useResource'
import type { InheritedSetting, Settings, SettingsPatch } from '~/client/types'

/** A setting that an organisation may have of its own, or follow from above. */
export type SettingName = Exclude<keyof SettingsPatch, undefined>
type Value = boolean | number | string

/** Some of an organisation's settings as they are being edited. Null: it follows the organisation above. */
export interface SettingsForm {
  /** What is in force with the form as it stands. */
  shown: (name: SettingName) => Value
  choose: (name: SettingName, value: Value | null) => void
  isOwn: (name: SettingName) => boolean
  inherited: (name: SettingName) => InheritedSetting | undefined
  /** What differs from what is kept: only that is sent. */
  readonly change: SettingsPatch
  readonly dirty: boolean
}

export function useSettingsForm(settings: Resource<Settings>, names: readonly SettingName[]): SettingsForm {
  const own = reactive<Partial<Record<SettingName, Value | null>>>({})
  const kept = (name: SettingName) => (settings.data?.own.includes(name) ? settings.data[name] as Value : null)
  watch(() => settings.data, () => names.forEach((name) => { own[name] = kept(name) }), { immediate: true })
  const inherited = (name: SettingName) => settings.data?.inherited[name]
  const change = computed<SettingsPatch>(() => Object.fromEntries(names.filter(name => own[name] !== kept(name)).map(name => [name, own[name]])))
  return reactive({
    shown: (name: SettingName) => own[name] ?? inherited(name)?.value ?? '',
    choose: (name: SettingName, value: Value | null) => { own[name] = value },
    isOwn: (name: SettingName) => own[name] !== null && own[name] !== undefined,
    inherited,
    change,
    dirty: computed(() => Object.keys(change.value).length > 0),
  })
}
