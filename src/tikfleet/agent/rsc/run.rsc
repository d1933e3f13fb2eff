#<AB
      :set output [:execute as-string script=(":onerror failure in={" . \
        "/import file-name=tikfleet-job.rsc} do={:put (\"tikfleet-job-failed \" . \$failure)}")]
      :local mark [:find $output "tikfleet-job-failed "]
      :if ([:typeof $mark] = "num") do={
        :set trouble [:pick $output ($mark + 20) [:len $output]]
        :set output [:pick $output 0 $mark]
      }
#<CD
      # The end of the job is told by a global here, and the output may need a file.
      :global tikfleetJob "running"
      :local wrapped (":global tikfleetJob; :do {/import file-name=tikfleet-job.rsc; " . \
        ":set tikfleetJob \"done\"} on-error={:set tikfleetJob \"failed\"}")
#<C
      # The first releases of 7 may not know this way, which must not break the whole script.
      :local direct false
      :local code ""
      :do {
        :set code [:parse ":return [:execute as-string script=\$1]"]
        :set direct true
      } on-error={}
      :if ($direct) do={
        :set output [$code $wrapped]
      } else={
#<CD
      :do { /file remove [/file find where name="tikfleet-job.txt"] } on-error={}
      :execute file="tikfleet-job" script=$wrapped
      :local waited 0
      :while ($tikfleetJob = "running" and $waited < $limit) do={
        :delay 1s
        :set waited ($waited + 1)
      }
      :delay 1s
      # A file over 4,095 bytes cannot be read here: its output is said to be cut.
      :local written [/file find where name="tikfleet-job.txt"]
      :if ([:len $written] > 0) do={
        :if ([/file get $written size] < 4096) do={
          :set output [/file get $written contents]
        } else={
          :set truncated "yes"
        }
        :do { /file remove $written } on-error={}
      }
#<C
      }
#<CD
      :if ($tikfleetJob = "failed") do={ :set trouble "this RouterOS gives no error text" }
      :if ($tikfleetJob = "running") do={
        :set trouble ("not finished after " . $limit . " s; it may still be running")
      }
#>
