      # What was printed is in a variable here: over 32 KiB it goes out in parts, if it is whole.
      :local printed [:len $output]
      :if ($printed > 32768 and $printed < 64000) do={
        @try@
          :local sent 0
          :local count 0
          :while ($sent < $printed) do={
            :local stop ($sent + 32768)
            :if ($stop > $printed) do={ :set stop $printed }
            :local heard [$decode [$post ($address . "/parts/" . $count) $token \
              [:pick $output $sent $stop]]]
            :if (($heard->"ok") != "@yes@") do={ :error "the server did not take a part" }
            :set sent $stop
            :set count ($count + 1)
          }
          :set parts $count
          :set output ""
        @catch@
          :set trouble ("the output could not be sent: " . $failure)
        }
      }
