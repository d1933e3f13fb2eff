import { describe, expect, it } from 'vitest'
import { sentence, visible, visibleLines, words } from '~/utils/text'

describe('text from routers', () => {
  it('shows bidi overrides instead of obeying them', () => {
    expect(visible('evil\u202Egnp.exe')).toBe('evil⟦U+202E⟧gnp.exe')
  })

  it('shows control and zero-width characters', () => {
    expect(visible('a\u0000b\u200Bc\u0007')).toBe('a⟦U+0000⟧b⟦U+200B⟧c⟦U+0007⟧')
  })

  it('leaves letters of every script alone', () => {
    expect(visible('Kraków ☕ 日本 שלום')).toBe('Kraków ☕ 日本 שלום')
  })

  it('keeps the lines and tabs of an output', () => {
    expect(visibleLines('a\tb\r\nc\u001B[31m')).toBe('a\tb\nc⟦U+001B⟧[31m')
  })
})

it('takes tags apart at blanks and commas, once each', () => {
  expect(words(' core, vip  core,')).toEqual(['core', 'vip'])
})

it('begins a sentence with a capital, and leaves a name that begins one as it is written', () => {
  expect([sentence('the router is offline'), sentence('device_id is not known'), sentence('')]).toEqual(['The router is offline', 'device_id is not known', ''])
})
