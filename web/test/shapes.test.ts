import { describe, expect, it } from 'vitest'
import { changesOf } from '~/utils/changes'
import { chartColumns, lonely } from '~/utils/chart'
import { nextSort } from '~/utils/columns'
import { t, tWord } from '~/utils/messages'
import { sparkPath } from '~/utils/spark'
import { nested } from '~/utils/tree'

describe('charts', () => {
  it('puts lines with different moments on one time axis, with gaps', () => {
    const lines = [{ label: 'a', points: [[1, 10], [2, null]] as const }, { label: 'b', points: [[2, 5], [3, 6]] as const }]
    expect(chartColumns(lines)).toEqual([[1, 2, 3], [10, null, null], [null, 5, 6]])
  })

  it('finds the values that stand between two gaps', () => {
    expect(lonely([1, null, 2, null, 3, 4])).toEqual([0, 2])
  })

  it('draws a sparkline in pieces where values are unknown', () => {
    expect(sparkPath([1, 2, null, 3, 4], 40, 10).stroke.match(/M/g)).toHaveLength(2)
  })

  it('draws nothing when nothing is known', () => {
    expect(sparkPath([null, null], 40, 10)).toEqual({ stroke: '', area: '' })
  })
})

it('turns a sort round when its header is pressed again', () => {
  expect([nextSort(undefined, 'name'), nextSort('name', 'name'), nextSort('-name', 'name')]).toEqual(['name', '-name', 'name'])
})

it('lists what a change did, and not what it left', () => {
  expect(changesOf({ name: 'a', tags: [] }, { name: 'b', tags: [] })).toEqual([{ field: 'name', before: 'a', after: 'b' }])
  expect(changesOf(null, { name: 'b' })).toEqual([{ field: 'name', before: null, after: 'b' }])
})

it('stands each organisation under its parent, orphans at the top', () => {
  const rows = nested([{ id: '3', parent_id: '1', name: 'c' }, { id: '1', parent_id: null, name: 'a' }, { id: '4', parent_id: 'gone', name: 'b' }])
  expect(rows.map(({ item, depth }) => [item.id, depth])).toEqual([['1', 0], ['3', 1], ['4', 0]])
})

it('picks one or many, and fills in names', () => {
  expect(t('device.warnings', { n: 1 })).toBe('1 warning')
  expect(t('device.warnings', { n: 2 })).toBe('2 warnings')
  expect(tWord('status', 'unheard-of')).toBe('unheard-of')
})
