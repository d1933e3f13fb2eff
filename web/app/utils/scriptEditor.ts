import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { HighlightStyle, StreamLanguage, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView, highlightSpecialChars, keymap, lineNumbers, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { routerOs } from '~/utils/routerosTokens'
import { type Remark, spanInLine, versionsText } from '~/utils/scriptPlaces'
import { tWord } from '~/utils/messages'
import { visible } from '~/utils/text'

/** The editor itself. Loaded on first use: nothing of the first page needs it. */
export interface ScriptEditor {
  /** Takes another text, unless it is the one that is there. */
  write: (text: string) => void
  mark: (remarks: readonly Remark[]) => void
  goTo: (line: number, column: number) => void
  destroy: () => void
}

interface Options {
  text: string
  label: string
  describedBy: string
  placeholder: string
  changed: (text: string) => void
}

export const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword], color: 'var(--code-keyword)' },
  { tag: tags.namespace, color: 'var(--code-menu)' },
  { tag: tags.function(tags.variableName), color: 'var(--code-command)', fontWeight: '600' },
  { tag: tags.propertyName, color: 'var(--code-property)' },
  { tag: [tags.variableName, tags.definition(tags.variableName)], color: 'var(--code-variable)' },
  { tag: tags.string, color: 'var(--code-string)' },
  { tag: tags.escape, color: 'var(--code-escape)' },
  { tag: [tags.number, tags.literal, tags.atom], color: 'var(--code-number)' },
  { tag: [tags.operator, tags.punctuation, tags.bracket], color: 'var(--ui-text-muted)' },
  { tag: tags.invalid, color: 'var(--ui-error)' },
])

const LOOKS = EditorView.theme({
  '&': { fontSize: 'var(--code-size)', color: 'var(--ui-text-highlighted)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.55', minHeight: '10rem', maxHeight: 'min(45vh, 28rem)' },
  '.cm-content': { padding: '0.5rem 0', caretColor: 'var(--ui-text-highlighted)' },
  '.cm-line': { padding: '0 0.5rem 0 0.25rem' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ui-text-dimmed)', border: 'none', paddingInlineStart: '0.25rem' },
  '.cm-gutter-lint': { width: '1em' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '1.5rem', padding: '0 0.5rem 0 0' },
  '.cm-placeholder': { color: 'var(--ui-text-dimmed)' },
  '.cm-lint-marker': { width: '0.5em', height: '0.5em', marginTop: '0.5em', borderRadius: '50%', content: '""', display: 'inline-block' },
  '.cm-lint-marker-error': { content: '""', backgroundColor: 'var(--ui-error)' },
  '.cm-lint-marker-warning': { content: '""', backgroundColor: 'var(--ui-warning)' },
  '.cm-lintRange': { backgroundImage: 'none', paddingBottom: '0', textDecoration: 'underline wavy 1px', textUnderlineOffset: '3px', textDecorationSkipInk: 'none' },
  '.cm-lintRange-error': { textDecorationColor: 'var(--ui-error)' },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--ui-warning)' },
  '.cm-lintRange-active': { backgroundColor: 'var(--ui-bg-accented)' },
  '.cm-lintPoint-error:after': { borderBottomColor: 'var(--ui-error)' },
  '.cm-lintPoint-warning:after': { borderBottomColor: 'var(--ui-warning)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--ui-bg-accented)', color: 'inherit' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'transparent', color: 'var(--ui-error)' },
  '.cm-specialChar': { color: 'var(--ui-error)' },
  '.cm-tooltip': {
    maxWidth: 'min(32rem, 90vw)', border: '1px solid var(--ui-border)', borderRadius: 'var(--ui-radius)', backgroundColor: 'var(--ui-bg)', color: 'var(--ui-text)',
    boxShadow: '0 4px 12px rgb(0 0 0 / 0.15)', overflow: 'hidden', fontFamily: 'var(--font-sans)', fontSize: '13px',
  },
  '.cm-tooltip-arrow': { display: 'none' },
  '.cm-diagnostic': { padding: '0.375rem 0.625rem', borderInlineStart: '3px solid', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
  '.cm-diagnostic-error': { borderInlineStartColor: 'var(--ui-error)' },
  '.cm-diagnostic-warning': { borderInlineStartColor: 'var(--ui-warning)' },
  '.cm-diagnosticSource': { color: 'var(--ui-text-muted)', opacity: '1', fontSize: '12px' },
  '.cm-panels': { backgroundColor: 'var(--ui-bg-elevated)', color: 'var(--ui-text)', borderTop: '1px solid var(--ui-border)' },
  '.cm-panel.cm-panel-lint ul [aria-selected]': { backgroundColor: 'var(--ui-bg-accented)' },
})

function diagnosticsOf(state: EditorState, remarks: readonly Remark[]): Diagnostic[] {
  return remarks.map((remark) => {
    const line = state.doc.line(Math.min(Math.max(remark.line, 1), state.doc.lines))
    const { from, to } = spanInLine(line.text, remark.column)
    return {
      from: line.from + from, to: line.from + to, severity: remark.severity,
      message: `${tWord('script.severity', remark.severity)}: ${visible(remark.message)}`,
      source: versionsText(remark.versions),
    }
  }).sort((a, b) => a.from - b.from)
}

export function createScriptEditor(parent: HTMLElement, options: Options): ScriptEditor {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lintGutter(), lineNumbers(), history(), highlightSpecialChars(), bracketMatching(), indentOnInput(), indentUnit.of('  '), EditorView.lineWrapping,
        keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        StreamLanguage.define(routerOs), syntaxHighlighting(COLOURS), LOOKS, placeholder(options.placeholder),
        EditorView.contentAttributes.of({
          'aria-label': options.label, 'aria-describedby': options.describedBy, 'spellcheck': 'false', 'autocapitalize': 'off', 'autocorrect': 'off',
        }),
        EditorView.updateListener.of((update) => { if (update.docChanged) options.changed(update.state.doc.toString()) }),
      ],
    }),
  })
  view.focus()
  return {
    write: (text) => {
      if (text !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
    },
    mark: remarks => view.dispatch(setDiagnostics(view.state, diagnosticsOf(view.state, remarks))),
    goTo: (line, column) => {
      const found = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines))
      view.dispatch({ selection: { anchor: found.from + spanInLine(found.text, column).from }, scrollIntoView: true })
      view.focus()
    },
    destroy: () => view.destroy(),
  }
}
