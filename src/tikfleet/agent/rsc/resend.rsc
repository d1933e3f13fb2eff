# An outcome whose answer was lost goes out again, with its output, before anything else.
:if ([:len ($tikfleetMemory->"result")] > 0) do={
  @try@
    :local told [$decode [$post ($server . "/agent/v1/jobs/" . $job . "/result") $token \
      ($tikfleetMemory->"result")]]
    :if (($told->"ok") = "@yes@") do={
      :set outcome "closed"
      $remember $boots $job $outcome
      :set ($tikfleetMemory->"result") ""
    }
  @catch@
    :log debug ("tikfleet: the outcome of job " . $job . " waits: " . $failure)
  }
}
# A job that this boot began and did not finish was cut off: by an error, or by its time limit.
:if ($outcome = "started" and ($tikfleetMemory->"running") = $job) do={
  :set outcome "failed"
  $remember $boots $job $outcome
  :set ($tikfleetMemory->"job-error") "the agent was cut off while the job ran"
}
