import type { Run } from '~/client/types'
import type { Fact } from '~/components/frame/FactList.vue'
import { attemptsText, windowText } from '~/utils/conditions'
import { formatDuration } from '~/utils/format'
import { t } from '~/utils/messages'
import { limitsText, specOf } from '~/utils/runs'

/** What is known about a run beside its waves. */
export function runFacts(run: Run): Fact[] {
  const spec = specOf(run)
  const { retry_attempts: attempts, retry_pause_s: pause_s, backup_first } = spec.change
  return [
    { label: t('run.limits'), value: limitsText(spec.limits) },
    { label: t('run.silence'), value: formatDuration(spec.silence_s) },
    { label: t('job.timeLimit'), value: formatDuration(spec.change.timeout_s) },
    ...(spec.change.confirm_s ? [{ label: t('confirm.title'), value: t('confirm.span', { span: formatDuration(spec.change.confirm_s) }) }] : []),
    ...(run.starts_at ? [{ label: t('run.startsAt'), at: run.starts_at }] : []),
    ...(backup_first ? [{ label: t('conditions.before'), value: t('conditions.eachBackup') }] : []),
    ...(attempts ? [{ label: t('conditions.attempts'), value: attemptsText(attempts, pause_s ?? 0) }] : []),
    ...(run.notifies ? [{ label: t('conditions.told'), value: run.notifies, to: `/callbacks?subject_id=${run.id}` }] : []),
    ...(spec.window ? [{ label: t('run.window'), value: windowText(spec.window) }] : []),
    ...(spec.joins_until ? [{ label: t('run.joinsUntil'), at: spec.joins_until }] : []),
    { label: t('run.approval'), value: run.approved_by ? t('run.approvedBy', { name: run.approved_by.name }) : t(run.needs_approval ? 'run.needed' : 'run.notNeeded') },
    { label: t('run.madeBy'), value: run.created_by.name },
    { label: t('run.made'), at: run.created_at },
    ...(run.started_at ? [{ label: t('run.started'), at: run.started_at }] : []),
    ...(run.finished_at ? [{ label: t('run.ended'), at: run.finished_at }] : []),
    { label: t('run.id'), value: run.id, mono: true },
  ]
}
