# An outcome whose answer was lost goes out again, with its output, before anything else.
:if ([:len ($tikfleetMemory->"result")] > 0) do={
  @try@
    :local told [$decode [$post ($server . "/agent/v1/jobs/" . $job . "/result") $token \
      ($tikfleetMemory->"result")]]
    :if (($told->"ok") = "@yes@") do={
      :if ($outcome != "changed" and $outcome != "confirmed") do={ :set outcome "closed" }
      $remember $boots $job $outcome
      :set ($tikfleetMemory->"result") ""
    }
  @catch@
    :log debug ("tikfleet: the outcome of job " . $job . " waits: " . $failure)
  }
}
:local undo "tikfleet-undo"
:local armed [:len [/system scheduler find where name=$undo]]
# A job that this boot began and did not finish was cut off: by an error, or by its time limit.
:if ($outcome = "started" and ($tikfleetMemory->"running") = $job) do={
  :set outcome "failed"
  :if ($armed > 0) do={ :set outcome "undoing" }
  $remember $boots $job $outcome
  :set ($tikfleetMemory->"job-error") "the agent was cut off while the job ran"
}
# No undo any more: done, not needed, given up, or taken away by hand.
:if ($armed = 0 and $outcome != "closed") do={
  # The reboot of an undo ends this run here, before it tells what is wrong.
  :if ($outcome = "changed" or $outcome = "undoing") do={ :delay 10s }
  :if ($outcome = "changed") do={ :set outcome "succeeded" }
  :if ($outcome = "undoing") do={ :set outcome "failed" }
  /system script remove [/system script find where name=$undo and comment~"^tikfleet:"]
  :do { /file remove [/file find where name~"tikfleet-undo.backup"] } on-error={}
}
