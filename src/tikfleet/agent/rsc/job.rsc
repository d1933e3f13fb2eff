# The server has the outcome: forget the job.
:if ([:len $job] > 0 and ($answer->"job-ack") = $job) do={
  :set outcome "closed"
  $remember $boots $job $outcome
  :set ($tikfleetMemory->"result") ""
  :set ($tikfleetMemory->"job-error") ""
}

# The server has been reached after a change that can be undone: it stays.
:if ($outcome = "changed" and ($answer->"job-confirm") = $job) do={
  :set outcome "confirmed"
  $remember $boots $job $outcome
  /system scheduler remove [/system scheduler find where name=$undo]
  # Here, too, the reboot of an undo would end this run.
  :delay 3s
  :set again true
}

# A job, when the last one is closed. Its id is on record before its first command runs. The same
# id again is run again, unless its class is "once": a reboot may have cut it off.
:local id [:tostr ($answer->"job.id")]
:if ([:len $id] > 0 and [:len $id] < 65 and ($id != $job or \
  ($answer->"job.class") != "once") and \
  ([:len $job] = 0 or $outcome = "closed")) do={
  :local address ($server . "/agent/v1/jobs/" . $id)
  :local limit [:tonum ($answer->"job.timeout")]
  :if ([:typeof $limit] != "num") do={ :set limit 60 }
  :local ready false
  @try@
    :do { /file remove [/file find where name="tikfleet-job.rsc"] } on-error={}
    $download ($address . "/script") $token "tikfleet-job.rsc"
    :local size [/file get [/file find where name="tikfleet-job.rsc"] size]
    :if ([:len ($answer->"job.size")] > 0 and [:tostr $size] != ($answer->"job.size")) do={
      :error ("the script came with " . $size . " bytes")
    }
    :set ready true
  @catch@
    :log warning ("tikfleet: job " . $id . " could not be fetched: " . $failure)
  }
  :if ($ready) do={
    :set job $id
    :set outcome "started"
    :set ($tikfleetMemory->"running") $job
    :set ($tikfleetMemory->"job-error") ""
    $remember $boots $job $outcome
    # A job of class "once" runs only if the server knows that it begins.
    :local known false
    @try@
      :local row { "boot"=$boot }
      :local begun ([$opening [$entry "" $row]] . "@closing@")
      :local heard [$decode [$post ($address . "/started") $token $begun]]
      :set known (($heard->"ok") = "@yes@")
    @catch@
      :log debug ("tikfleet: the start of job " . $job . " was not heard: " . $failure)
    }
    :local output ""
    :local trouble ""
    :local truncated ""
    :local parts ""
    :if ($known or ($answer->"job.class") != "once") do={
      :local span [:totime (($limit + 60) . "s")]
      :set ($tikfleetMemory->"until") ([/system resource get uptime] + $span)
#+ run
#<AB
#+ parts
#<C
#+ printed-parts
#>
      :if ([:len $output] > 32768) do={
        :set output [:pick $output 0 32768]
        :set truncated "yes"
      }
      :set ($tikfleetMemory->"until") ([/system resource get uptime] + 3m)
    } else={
      :set trouble "not run: the server did not confirm the start"
    }
    :set outcome "succeeded"
    :if ([:len $trouble] > 0) do={ :set outcome "failed" }
    # An undo that this job has armed waits for the server, or goes back.
    :if ([:len [/system scheduler find where name=$undo]] > 0) do={
      :set outcome "changed"
      :if ([:len $trouble] > 0) do={ :set outcome "undoing" }
    }
    :set ($tikfleetMemory->"job-error") $trouble
    :set ($tikfleetMemory->"running") ""
    $remember $boots $job $outcome
    :do { /file remove [/file find where name="tikfleet-job.rsc"] } on-error={}
    # The outcome is kept as sent, so that a lost answer only means that it goes out again.
    :local row { "state"=$outcome; "error"=$trouble; "output"=$output; "boot"=$boot; \
      "truncated"=$truncated; "parts"=$parts }
    :local result ([$opening [$entry "" $row]] . "@closing@")
    :if ([:len $result] > 64000) do={
      :set ($row->"output") [:pick $output 0 9000]
      :set ($row->"truncated") "yes"
      :set result ([$opening [$entry "" $row]] . "@closing@")
    }
    :set ($tikfleetMemory->"result") $result
    @try@
      :local told [$decode [$post ($address . "/result") $token $result]]
      :if (($told->"ok") = "@yes@") do={
        :if ($outcome != "changed") do={ :set outcome "closed" }
        $remember $boots $job $outcome
        :set ($tikfleetMemory->"result") ""
      }
    @catch@
      :log debug ("tikfleet: the outcome of job " . $job . " waits: " . $failure)
    }
  }
}
