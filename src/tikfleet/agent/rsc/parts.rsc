      # A variable holds 64 KB: what a job leaves in the file tikfleet-output.rsc goes out in parts.
      :delay 1s
      :local made [/file find where name="tikfleet-output.rsc"]
      :if ([:len $made] > 0) do={
        @try@
          :local total [/file get $made size]
          :local sent 0
          :local count 0
          :while ($sent < $total) do={
            :local piece ([/file read file="tikfleet-output.rsc" offset=$sent chunk-size=32768 \
              as-value]->"data")
            :if ([:len $piece] = 0) do={ :error "the file ended early" }
            :local heard [$decode [$post ($address . "/parts/" . $count) $token $piece]]
            :if (($heard->"ok") != "@yes@") do={ :error "the server did not take a part" }
            :set sent ($sent + [:len $piece])
            :set count ($count + 1)
          }
          :set parts $count
        @catch@
          :set trouble ("the output could not be sent: " . $failure)
        }
        :do { /file remove $made } on-error={}
      }
