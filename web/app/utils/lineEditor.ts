import { StreamLanguage, syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { EditorView, highlightSpecialChars, keymap, placeholder } from '@codemirror/view'
import { COLOURS } from '~/utils/scriptEditor'
import { routerOs } from '~/utils/routerosTokens'

/** One line of RouterOS in colours. Loaded on first use. */
export interface LineEditor {
  write: (text: string) => void
  focus: () => void
  destroy: () => void
}

interface Options {
  label: string
  placeholder: string
  changed: (text: string) => void
  /** Enter. */
  sent: () => void
  /** The arrow keys: an older line, or a newer one. */
  recall: (step: -1 | 1) => void
  /** Tab: true when something was completed; else it leaves the field, as everywhere. */
  complete: () => boolean
}

const LOOKS = EditorView.theme({
  '&': { fontSize: 'var(--code-size)', color: 'var(--ui-text-highlighted)', backgroundColor: 'transparent', flex: '1', minWidth: '0' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6', overflowX: 'hidden' },
  '.cm-content': { padding: '0', caretColor: 'var(--ui-text-highlighted)' },
  '.cm-line': { padding: '0' },
  '.cm-placeholder': { color: 'var(--ui-text-dimmed)' },
  '.cm-specialChar': { color: 'var(--ui-error)' },
})

export function createLineEditor(parent: HTMLElement, options: Options): LineEditor {
  const done = (act: () => void) => () => {
    act()
    return true
  }
  const view = new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        keymap.of([
          { key: 'Enter', run: done(options.sent) }, { key: 'ArrowUp', run: done(() => options.recall(-1)) }, { key: 'ArrowDown', run: done(() => options.recall(1)) },
          { key: 'Tab', run: options.complete },
        ]),
        // What is pasted may have lines: they become one, as a line of the console is.
        EditorState.transactionFilter.of(change => (change.newDoc.lines > 1
          ? [{ changes: { from: 0, to: change.startState.doc.length, insert: change.newDoc.toString().replace(/\s*\n\s*/g, ' ') } }]
          : change)),
        highlightSpecialChars(), EditorView.lineWrapping, StreamLanguage.define(routerOs), syntaxHighlighting(COLOURS), LOOKS, placeholder(options.placeholder),
        EditorView.contentAttributes.of({ 'aria-label': options.label, 'spellcheck': 'false', 'autocapitalize': 'off', 'autocorrect': 'off' }),
        EditorView.updateListener.of((update) => { if (update.docChanged) options.changed(update.state.doc.toString()) }),
      ],
    }),
  })
  return {
    write: (text) => {
      if (text === view.state.doc.toString()) return
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: text.length } })
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}
