# Live mode, when the answer names it: the server holds a request open until it has a question.
# It lasts until the next report is due, and the answer to that says whether it goes on.
:local live [:tonum ($answer->"live")]
:if ([:typeof $live] != "num" or [:len ($answer->"token")] > 0 or \
  ($answer->"remove") = "@yes@" or [:len ($answer->"agent")] > 0 or \
  $outcome = "changed") do={ :set live 0 }
:if ($live > 0) do={
  :local span [:tonum ($tikfleetMemory->"pace")]
  :if ([:typeof $span] != "num" or $span < 10) do={ :set span 60 }
  :local ends ([/system resource get uptime] + [:totime ($span . "s")])
  :local asked ""
  :local result ""
  :local trouble ""
  :local misses 0
  :while ($live > 0) do={
    :local began [/system resource get uptime]
    :set ($tikfleetMemory->"until") ($began + 3m)
    :local row { "boot"=$boot; "hold"="@hold@"; "id"=$asked; "error"=$trouble; \
      "result"=$result }
    :local heard [:toarray ""]
    @try@
      :local message ([$opening [$entry "" $row]] . "@closing@")
      :set heard [$decode [$post ($server . "/agent/v1/live") $token $message]]
    @catch@
      :log debug ("tikfleet: live mode was interrupted: " . $failure)
    }
    :if (($heard->"ok") = "@yes@") do={
      :set asked [:tostr ($heard->"id")]
      :set result ""
      :set trouble ""
      :set live [:tonum ($heard->"live")]
      :if ([:typeof $live] != "num") do={ :set live 0 }
      :if ([:len $asked] > 0) do={
        :set misses 0
        @try@
          :local code [:parse ($heard->"script")]
          :set result [:tostr [$code]]
        @catch@
          :set trouble $failure
          :set result ""
        }
        :if ([:len $result] > 60000) do={
          :set result ""
          :set trouble "the answer is longer than this router can send"
        }
      } else={
        # A job, or a report, is due: both are the business of a check-in.
        :if (($heard->"report") = "@yes@") do={
          :set again true
          :set live 0
        }
        # An answer that comes at once and brings nothing must not make a tight loop.
        :if (($began + 2s) > [/system resource get uptime] and $live > 0) do={
          :set misses ($misses + 1)
          :delay [:totime ($misses . "s")]
        } else={
          :set misses 0
        }
      }
    } else={
      :set misses ($misses + 1)
      :delay [:totime (($misses * 2) . "s")]
    }
    :if ($misses > 3) do={ :set live 0 }
    # What was asked is answered before this router reports.
    :if ([:len $asked] > 0) do={
      :if ($misses = 0 and $live = 0) do={ :set live 1 }
    } else={
      :if ($live > 0 and [/system resource get uptime] >= $ends) do={
        :set again true
        :set live 0
      }
    }
  }
}
