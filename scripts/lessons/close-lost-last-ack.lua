-- The last ACK of the close is lost: the first reason for TIME_WAIT.
lesson{
  name = "close-lost-last-ack", order = 130,
  title = {en = "Closing: the last ACK is lost", zh_CN = "关闭连接：最后一个 ACK 丢失"},
  run = function(play)
    A.rules.isn, B.rules.isn = 100, 300
    local s = B:listen(80)
    local c = A:connect(B, 80, {port = 7777})
    run()
    local d = s:accept()
    c:close()
    run()
    local w = d.snd.nxt
    say{en = "A has closed, and B has acknowledged: A is in FIN_WAIT_2, B in CLOSE_WAIT. Now B closes, too.",
      zh_CN = "A 已经关闭，B 也已确认：A 在 FIN_WAIT_2，B 在 CLOSE_WAIT。现在 B 也关闭。"}
    play(d.close, d)
    play()
    check(c.state == "TIME_WAIT" and d.state == "LAST_ACK" and wire[1].flags == "ACK" and wire[1].ack == w + 1,
      {en = "A is in TIME_WAIT, B in LAST_ACK; the last ACK is in flight",
        zh_CN = "A 在 TIME_WAIT，B 在 LAST_ACK；最后一个 ACK 在路上"})
    play(function() return wire[1]:drop() end)
    ask{en = "The last ACK is lost. What would B do if A had already deleted its record?",
      zh_CN = "最后一个 ACK 丢了。如果 A 已经删除了连接记录，B 会怎样？",
      choices = {
        {en = "Close all the same", zh_CN = "照样关闭"},
        {en = "Send its FIN again and be answered with a RST: \"connection reset\", although all went well",
          zh_CN = "重发 FIN，得到的回答是 RST：“connection reset”，尽管一切正常"},
        {en = "Wait for ever", zh_CN = "永远等待"}}, answer = 2}
    say{en = "But A still has its record. B's retransmission timer fires after one second; meanwhile A's timer \z
      of 2 MSL runs.",
      zh_CN = "但是 A 仍保留着记录。一秒后 B 的重传定时器到期；这期间 A 的 2MSL 定时器在走。"}
    play()
    check(d.state == "LAST_ACK" and wire[1].flags == "FIN,ACK" and wire[1].seq == w and wire[1].again,
      {en = "B, still in LAST_ACK, sends its FIN again: FIN,ACK seq=301",
        zh_CN = "B 仍在 LAST_ACK，重发 FIN：FIN,ACK seq=301"})
    local left = c.timers.time_wait
    check(left < 60, {en = string.format("A has %.2f s of its 60 left", left),
      zh_CN = string.format("A 的 60 秒还剩 %.2f 秒", left)})
    ask{en = "A, in TIME_WAIT, receives the FIN once more. It acknowledges again; and its timer?",
      zh_CN = "处于 TIME_WAIT 的 A 又收到一次 FIN。它再次确认；那么它的定时器呢？",
      choices = {
        {en = "It runs on", zh_CN = "继续走"},
        {en = "It starts again with 2 MSL", zh_CN = "从 2MSL 重新开始"},
        {en = "It stops", zh_CN = "停止"}}, answer = 2}
    play()
    check(c.state == "TIME_WAIT" and wire[1].flags == "ACK" and wire[1].ack == w + 1 and c.timers.time_wait == 60,
      {en = "A acknowledges again, ACK ack=302, and its 60 s start again", zh_CN = "A 再次确认，ACK ack=302，60 秒重新开始"})
    say{en = "This ACK may be lost like the one before, so A must keep its record as long as another FIN may arrive.",
      zh_CN = "这个 ACK 也可能像上一个那样丢失，所以只要还可能有 FIN 到达，A 就必须保留记录。"}
    play()
    check(d.state == "CLOSED" and d.error == nil, {en = "B: LAST_ACK > CLOSED, without an error",
      zh_CN = "B：LAST_ACK > CLOSED，没有错误"})
    play(settle)
    check(c.state == "CLOSED", {en = "A: TIME_WAIT > CLOSED", zh_CN = "A：TIME_WAIT > CLOSED"})
    say{en = "This is the first reason for TIME_WAIT: the side whose ACK is the last must be able to send it again. \z
      The second is that the old connection's packets must have expired before the same endpoints open a new one.",
      zh_CN = "这就是 TIME_WAIT 的第一个理由：最后一个 ACK 的发送方必须能够重发它。第二个理由是：同样的两个端点建立新连接之前，旧连接的报文必须已经过期。"}
    say(ladder())
  end,
}
