import { describe, expect, it } from 'vitest'
import { cutAtDateLine } from '~/utils/land'

const longitudes = (rings: number[][][]) => rings.flat().map(([longitude]) => longitude!)

describe('land that crosses the date line', () => {
  const chukotka = [[170, 60], [-170, 60], [-170, 70], [170, 70], [170, 60]]

  it('becomes a piece on either side of it', () => {
    const pieces = cutAtDateLine([chukotka]) as number[][][][]
    expect(pieces.map(piece => [Math.min(...longitudes(piece)), Math.max(...longitudes(piece))]).sort((a, b) => a[0]! - b[0]!))
      .toEqual([[-180, -170], [170, 180]])
  })

  it('is left alone elsewhere, with its lakes', () => {
    const land = [[0, 0], [30, 0], [30, 30], [0, 30], [0, 0]]
    const lake = [[10, 10], [20, 10], [20, 20], [10, 10]]
    const [piece, ...more] = cutAtDateLine([land, lake]) as number[][][][]
    expect(more).toEqual([])
    expect(piece).toHaveLength(2)
    expect(longitudes(piece!)).not.toContain(180)
  })
})
