import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import type { FeatureCollection, MultiPolygon, Position } from 'geojson'

/**
 * A ring that crosses the date line, carried on past 180° instead of thrown back to -180°, where it would become a band
 * around the world. Antarctica's edge along the pole is a jump that is meant.
 */
function unrolled(ring: readonly Position[]): Position[] {
  let turn = 0
  return ring.map(([longitude, latitude], index) => {
    const before = ring[index - 1]?.[0]
    const jump = before === undefined ? 0 : longitude! - before
    if (Math.abs(jump) > 180 && latitude! > -80) turn -= Math.sign(jump) * 360
    return [longitude! + turn, latitude!]
  })
}

/** What of a ring lies on one side of a meridian, closed along it. */
function beside(ring: readonly Position[], meridian: number, side: 1 | -1): Position[] {
  const inside = ([longitude]: Position) => (longitude! - meridian) * side >= 0
  return ring.flatMap((here, index) => {
    const next = ring[(index + 1) % ring.length]!
    const kept = inside(here) ? [here] : []
    if (inside(here) === inside(next)) return kept
    const part = (meridian - here[0]!) / (next[0]! - here[0]!)
    return [...kept, [meridian, here[1]! + part * (next[1]! - here[1]!)]]
  })
}

/** A polygon cut at the date line, so that no piece of it leaves the one world that is drawn. */
export function cutAtDateLine(rings: readonly (readonly Position[])[]): Position[][][] {
  const whole = rings.map(unrolled)
  return [-360, 0, 360].map(turn => whole
    .map(ring => beside(beside(ring.map(([longitude, latitude]) => [longitude! + turn, latitude!]), -180, 1), 180, -1))
    .filter(ring => ring.length > 2)
    .map(ring => [...ring, ring[0]!])).filter(piece => piece.length)
}

/** The land of a topology as polygons that a map of one world can draw. */
export function drawableLand(land: unknown): MultiPolygon {
  const topology = land as Topology<{ land: GeometryCollection }>
  const { features } = feature(topology, topology.objects.land) as unknown as FeatureCollection<MultiPolygon>
  const coordinates = features.flatMap(one => one.geometry.coordinates).flatMap(cutAtDateLine)
  return { type: 'MultiPolygon', coordinates }
}
