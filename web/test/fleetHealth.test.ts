import { describe, expect, it } from 'vitest'
import { knownCount, latestOf } from '~/utils/chart'
import { cardClass } from '~/utils/columns'
import { fleetHealth } from '~/utils/fleetHealth'

const counts = (states: Record<string, number>) => Object.entries(states).map(([key, count]) => ({ key, label: key, count }))
const said = (states: Record<string, number>) => {
  const { tone, sentence } = fleetHealth(counts(states))
  return [tone, sentence]
}

describe('the health of a fleet', () => {
  it('is well when every device is online', () => {
    expect(said({ online: 86 })).toEqual(['success', 'All 86 devices are online'])
    expect(said({ online: 1 })).toEqual(['success', 'The one device is online'])
  })

  it('warns of some that are away, and alarms of many', () => {
    expect(said({ online: 98, offline: 2 })).toEqual(['warning', '2 of 100 devices are offline'])
    expect(said({ online: 2, offline: 1 })).toEqual(['error', '1 of 3 devices is offline'])
  })

  it('does not call a device that never called a fault', () => {
    expect(said({ online: 80, never: 4, pending: 2 })).toEqual(['success', '80 online, 6 have not called yet'])
    expect(said({ never: 1 })).toEqual(['warning', 'One device has not called yet'])
  })

  it('always names who is online and who is not', () => {
    expect(fleetHealth(counts({ online: 3, removing: 1 })).parts.map(part => [part.key, part.count])).toEqual([['online', 3], ['offline', 0], ['removing', 1]])
  })
})

describe('a line', () => {
  it('knows how many readings it has, and the newest', () => {
    const points = [[1, null], [2, 5], [3, 6], [4, null]] as const
    expect([knownCount(points), latestOf(points), latestOf([[1, null]])]).toEqual([2, 6, null])
  })
})

it('leaves out of a card what has no place in it', () => {
  expect(cardClass({ key: 'a', label: 'A' })).toBe('max-sm:hidden')
  expect(cardClass({ key: 'a', label: 'A', phone: 'title' })).toContain('max-sm:order-1')
})
