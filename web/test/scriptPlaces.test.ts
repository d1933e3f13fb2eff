import { describe, expect, it } from 'vitest'
import type { VersionCheck } from '~/client/types'
import { indexOfColumn, remarksOf, spanInLine, versionsText } from '~/utils/scriptPlaces'

describe('a place in a script', () => {
  it.each([
    [':put 1; foo', 9, 8], ['foo', 1, 0], ['foo', 99, 3], ['', 1, 0],
    ['\t/ip', 8, 1], [':put "é"; foo', 12, 10], [':put "🔥"; foo', 14, 11], ['a\tb\tc', 16, 4],
  ])('%j column %i is at %i', (line, column, index) => {
    expect(indexOfColumn(line, column)).toBe(index)
  })

  it('covers the word that is there, or what stands before the end', () => {
    expect(spanInLine(':put 1; foo bar', 9)).toEqual({ from: 8, to: 11 })
    expect(spanInLine('/ip/address/add', 1)).toEqual({ from: 0, to: 15 })
    expect(spanInLine(':put (1', 8)).toEqual({ from: 6, to: 7 })
    expect(spanInLine('🔥', 5)).toEqual({ from: 0, to: 2 })
    expect(spanInLine('', 1)).toEqual({ from: 0, to: 0 })
  })
})

describe('remarks for several versions', () => {
  const remark = (line: number, message: string) => ({ severity: 'error' as const, line, column: 1, code: 'x', message, since: null })
  const check = (version: string, ...remarks: VersionCheck['remarks']): VersionCheck => ({
    version, is_assumed: false, device_count: 1, devices: [], error_count: remarks.length, warning_count: 0, remarks,
  })
  const checks = [check('7.16.2', remark(3, 'late'), remark(1, 'early')), check('7.20.1', remark(3, 'late'))]

  it('come once each, in the order of the script, with the versions they are about', () => {
    expect(remarksOf(checks, null).map(one => [one.message, one.versions])).toEqual([['early', ['7.16.2']], ['late', ['7.16.2', '7.20.1']]])
  })

  it('name few versions, newest first, and count the others', () => {
    expect(versionsText(['7.9', '7.20.1', '7.16.2'])).toBe('RouterOS 7.20.1, 7.16.2, 7.9')
    expect(versionsText(['7.1', '7.2', '7.3', '7.4', '7.5', '7.10'])).toBe('RouterOS 7.10, 7.5, 7.4, 7.3 and 2 more')
  })

  it('can be looked at for one version', () => {
    expect(remarksOf(checks, '7.20.1').map(one => one.message)).toEqual(['late'])
  })
})
