import type { LineEditor } from '~/utils/lineEditor'

interface Wiring {
  label: string
  placeholder: string
  sent: () => void
  recall: (step: -1 | 1) => void
  complete: () => boolean
}

/** The line of the console, loaded on first use. `failed` says that it could not be had: a plain field does then. */
export function useLineEditor(box: Readonly<Ref<HTMLElement | null>>, text: Ref<string>, wiring: Wiring) {
  const ready = ref(false)
  const failed = ref(false)
  let editor: LineEditor | null = null
  let gone = false

  onMounted(async () => {
    try {
      const { createLineEditor } = await import('~/utils/lineEditor')
      if (gone || !box.value) return
      editor = createLineEditor(box.value, { ...wiring, changed: (now) => { text.value = now } })
      ready.value = true
      editor.focus()
    } catch {
      failed.value = true
    }
  })
  watch(text, now => editor?.write(now))
  onBeforeUnmount(() => {
    gone = true
    editor?.destroy()
  })
  return { ready, failed, focus: () => editor?.focus() }
}
