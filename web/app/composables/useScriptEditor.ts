import type { ScriptEditor } from '~/utils/scriptEditor'
import type { Remark } from '~/utils/scriptPlaces'

interface Wiring {
  label: string
  describedBy: string
  text: Ref<string>
  remarks: () => readonly Remark[]
}

/** An editor in a box, loaded on first use. `failed` says that it could not be had: a plain field does then. */
export function useScriptEditor(box: Readonly<Ref<HTMLElement | null>>, wiring: Wiring) {
  const ready = ref(false)
  const failed = ref(false)
  let editor: ScriptEditor | null = null
  let gone = false

  onMounted(async () => {
    try {
      const { createScriptEditor } = await import('~/utils/scriptEditor')
      if (gone || !box.value) return
      editor = createScriptEditor(box.value, {
        text: wiring.text.value, label: wiring.label, describedBy: wiring.describedBy, placeholder: '/ip/address/print',
        changed: (text) => { wiring.text.value = text },
      })
      editor.mark(wiring.remarks())
      ready.value = true
    } catch {
      failed.value = true
    }
  })
  watch(wiring.text, text => editor?.write(text))
  watch(wiring.remarks, remarks => editor?.mark(remarks))
  onBeforeUnmount(() => {
    gone = true
    editor?.destroy()
  })
  return { ready, failed, goTo: (line: number, column: number) => editor?.goTo(line, column) }
}
