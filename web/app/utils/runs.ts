import type { Permission, Run, RunCounts, RunKind, RunLimits, RunSpec, RunState, RunWaveState, TargetState } from '~/client/types'
import { formatDuration } from '~/utils/format'
import { t, tWord } from '~/utils/messages'

export type Tone = 'success' | 'warning' | 'error' | 'neutral' | 'primary'

export const RUN_STATES: RunState[] = ['draft', 'planned', 'awaiting_approval', 'scheduled', 'running', 'paused', 'halted', 'finished', 'cancelled']
export const RUN_TONES: Record<RunState, Tone> = {
  draft: 'neutral', planned: 'neutral', awaiting_approval: 'warning', scheduled: 'primary', running: 'primary', paused: 'warning', halted: 'error',
  finished: 'success', cancelled: 'neutral',
}

/** In the order in which a bar shows them: what is done first, what has not begun last. */
export const TARGET_STATES: TargetState[] = ['succeeded', 'failed', 'expired', 'unknown', 'silent', 'asked', 'recalled', 'cancelled', 'waiting']
export const TARGET_TONES: Record<TargetState, Tone> = {
  succeeded: 'success', failed: 'error', expired: 'error', unknown: 'error', silent: 'warning', asked: 'primary', recalled: 'primary', cancelled: 'neutral',
  waiting: 'neutral',
}

export interface Segment { state: TargetState, count: number, percent: number, tone: Tone }

/** What a bar of targets is made of; states that nobody is in are left out. */
export function segmentsOf(counts: Partial<RunCounts>): Segment[] {
  const total = TARGET_STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  return TARGET_STATES
    .map(state => ({ state, count: counts[state] ?? 0, percent: total ? (counts[state] ?? 0) / total * 100 : 0, tone: TARGET_TONES[state] }))
    .filter(segment => segment.count > 0)
}

/** `9 succeeded, 1 failed`: a bar in words. */
export function countsText(counts: Partial<RunCounts>): string {
  return segmentsOf(counts).map(({ state, count }) => t('run.countOf', { n: count, state: tWord('targetState', state).toLowerCase() })).join(', ')
}

const DONE: TargetState[] = ['succeeded', 'failed', 'expired', 'unknown', 'cancelled']

export function doneCount(counts: Partial<RunCounts>): number {
  return DONE.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
}

/** What stands between a wave and the one before it: a person, time, or nothing. */
export function betweenWaves(waves: readonly RunWaveState[], index: number): { gate: boolean, pause: string } {
  const before = waves[index - 1]
  return { gate: waves[index]?.gate ?? false, pause: before?.pause_s ? formatDuration(before.pause_s) : '' }
}

/** How many targets each wave adds, as the server counts: what is reached by its end, the rest in a last one; nobody is left out. */
export function waveSizes(wishes: readonly { count?: number | null, percent?: number | null }[], total: number): number[] {
  let reached = 0
  const sizes = wishes.map(({ count, percent }) => {
    const goal = count ?? Math.ceil(total * (percent ?? 0) / 100)
    const added = Math.max(0, Math.min(goal, total) - reached)
    reached += added
    return added
  })
  return [...sizes, total - reached].filter(size => size > 0)
}

/** The limits as one sentence, or that there are none. */
export function limitsText(limits: RunLimits): string {
  const parts = [
    limits.wave_percent !== null && t('run.limit.wavePercent', { n: limits.wave_percent }),
    limits.wave_failures !== null && t('run.limit.waveFailures', { n: limits.wave_failures }),
    limits.percent !== null && t('run.limit.percent', { n: limits.percent }),
    limits.failures !== null && t('run.limit.failures', { n: limits.failures }),
  ].filter(Boolean)
  return parts.length ? t('run.limit.text', { limits: parts.join(t('run.limit.or')) }) : t('run.limit.none')
}

export type RunAction = 'start' | 'approve' | 'reject' | 'pause' | 'resume' | 'retry' | 'cancel' | 'edit' | 'plan'
const ALLOWED: Record<RunState, RunAction[]> = {
  draft: ['plan', 'edit', 'cancel'],
  planned: ['start', 'edit', 'cancel'],
  awaiting_approval: ['approve', 'reject', 'cancel'],
  scheduled: ['pause', 'cancel'],
  running: ['pause', 'retry', 'cancel'],
  paused: ['resume', 'retry', 'cancel'],
  halted: ['retry', 'resume', 'cancel'],
  finished: ['retry'],
  cancelled: [],
}

/** Whether this person made or started the run, and so cannot approve it. Tokens are told apart by the server alone. */
export function isOwnRun(run: Pick<Run, 'created_by' | 'requested_by'>, personId: string): boolean {
  return run.created_by.id === personId || run.requested_by?.id === personId
}

/** What this person can do about a run now, the likeliest first. */
export function runActions(run: Run, can: (permission: Permission) => boolean, personId: string): RunAction[] {
  const own = isOwnRun(run, personId)
  const failed = run.counts.failed + run.counts.expired + run.counts.unknown
  return ALLOWED[run.state].filter((action) => {
    if (action === 'approve') return can('runs:approve') && !own
    if (!can('runs:write')) return false
    if (action === 'reject') return can('runs:approve') && !own
    if (action === 'cancel') return run.state !== 'awaiting_approval' || own || !can('runs:approve')
    return action !== 'retry' || failed > 0
  })
}

/** What a run does, in a few words: its kind, and of a script the first line that says something. */
export function changeText(kind: RunKind, spec: RunSpec): string {
  if (kind === 'menu' && spec.change.desired) return `${spec.change.desired.menu} ${Object.entries(spec.change.desired.values).map(([name, value]) => `${name}=${value}`).join(' ')}`
  if (kind !== 'script') return spec.change.parameters.map(one => (Array.isArray(one.value) ? one.value.join(', ') : String(one.value))).join(' · ') || tWord('jobKind', kind)
  const line = spec.change.script?.split('\n').find(text => text.trim() && !text.trim().startsWith('#'))
  return line?.trim() ?? tWord('jobKind', kind)
}

export function specOf(run: Pick<Run, 'spec'>): RunSpec {
  return run.spec as unknown as RunSpec
}
