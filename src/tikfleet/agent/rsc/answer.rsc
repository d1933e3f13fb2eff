# The check-in. When it fails the next run is the retry, with the same "seq".
:local answer [:toarray ""]
@try@
  :set answer [$decode [$post ($server . "/agent/v1/checkin") $token $message]]
@catch@
  :log debug ("tikfleet: no answer to the check-in: " . $failure)
}
:local next 0
:if ([:len ($answer->"ok")] = 0) do={
  :set ($tikfleetMemory->"failures") (($tikfleetMemory->"failures") + 1)
  # A server in trouble is not helped by a fleet that asks every ten seconds.
  :local pace [:tonum ($tikfleetMemory->"pace")]
  :if (($tikfleetMemory->"failures") = 3 and $pace < 60) do={ :set next 60 }
  # While two tokens are held, the other one is tried next time.
  :if ([:len $previous] > 0) do={
    :if ($token = $previous) do={
      :set ($tikfleetMemory->"fallback") "no"
    } else={
      :set ($tikfleetMemory->"fallback") "yes"
    }
  }
} else={
  :set ($tikfleetMemory->"failures") 0
  :set ($tikfleetMemory->"seq") ($seq + 1)
  :set ($tikfleetMemory->"want") ($answer->"want")
  :set next [:tonum ($answer->"next")]
  :if (($answer->"ok") = "@yes@") do={
    :set ($tikfleetMemory->"turn") (($tikfleetMemory->"turn") + 1)
    :if ([:len ($texts->"inventory")] > 0) do={
      :set ($tikfleetMemory->"inventory") $inventoryText
    }
    :if ([:len ($texts->"neighbors")] > 0) do={
      :set ($tikfleetMemory->"neighbors") $neighborsText
    }
    :foreach key,item in=$answer do={
      :if ([:pick $key 0 5] = "plan." or [:pick $key 0 5] = "tags.") do={
        :set ($tikfleetMemory->$key) $item
      }
    }
    # The new token has worked: the one before can go.
    :if ([:len $previous] > 0 and $token != $previous) do={
      $keep $token ""
      :set previous ""
    }
  }
  # A new token is stored beside the one that works now, which stays until the new one has.
  :local fresh [:tostr ($answer->"token")]
  # An undo would bring the old one back, later than the server takes it.
  :if ([:pick $fresh 0 4] = "tfd_" and [:len $fresh] < 100 and $fresh != $token and \
    $outcome != "changed") do={
    $keep $fresh $token
    :set ($tikfleetMemory->"fallback") "no"
  }
}

# The server chooses the pace. A small change is not worth a write to flash and a line in the log.
:if ([:typeof $next] = "num" and $next > 0) do={
  :if ($next < 10) do={ :set next 10 }
  :if ($next > 86400) do={ :set next 86400 }
  :local pace [:tonum ($tikfleetMemory->"pace")]
  :if ([:typeof $pace] != "num") do={ :set pace 0 }
  :if ($pace = 0 or ($next * 4) > ($pace * 5) or ($next * 4) < ($pace * 3)) do={
    /system scheduler set [/system scheduler find where name="tikfleet"] \
      interval=[:totime ($next . "s")]
    :set ($tikfleetMemory->"pace") $next
  }
}
