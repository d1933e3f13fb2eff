# Spread the fleet by a letter of the token: up to @spread@ s after a power cut, else @jitter@ s.
:local letters "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
:local place [:find $letters [:pick $token 12 13]]
:if ([:typeof $place] != "num") do={ :set place 0 }
:local span @jitter@
:if ($now < 5m) do={ :set span @spread@ }
:local turns (($place * 7) + ($seq * 13))
:local wait ($turns - (($turns / ($span + 1)) * ($span + 1)))
:if ($wait > 0) do={ :delay [:totime ($wait . "s")] }
