-- A port without a listener answers with a RST; an address without a host does not answer.
lesson{
  name = "open-refused", order = 50,
  title = {en = "Opening: refused, or no answer", zh_CN = "建立连接：被拒绝与没有回答"},
  run = function(play)
    local x = 100
    A.rules.isn = x
    say{en = "A connects to port 80 of B. The host B is there, but no application listens on that port.",
      zh_CN = "A 连接 B 的 80 端口。主机 B 在，但没有应用程序监听这个端口。"}
    local c = play(A.connect, A, B, 80, {port = 7777})
    ask{en = "What does B do with the SYN?", zh_CN = "B 会怎样处理这个 SYN？",
      choices = {
        {en = "It drops it without an answer", zh_CN = "丢弃，不作回答"},
        {en = "It answers with a RST", zh_CN = "用 RST 回答"},
        {en = "It answers SYN,ACK and closes later", zh_CN = "回答 SYN,ACK，稍后再关闭"}}, answer = 2}
    play()
    check(wire[1].flags == "RST,ACK" and wire[1].seq == 0 and wire[1].ack == x + 1 and #B.conns == 0,
      {en = "B answers RST,ACK seq=0 ack=101, and keeps no record", zh_CN = "B 回答 RST,ACK seq=0 ack=101，并且不保留任何记录"})
    say{en = "There is no connection at B that could have a number, so seq is 0. A accepts the RST because of \z
      ack=101: only a host that has received A's SYN can acknowledge it.",
      zh_CN = "B 那里没有连接，也就没有序列号，所以 seq 是 0。A 接受这个 RST 是因为 ack=101：只有收到 A 的 SYN 的主机才能确认它。"}
    play()
    check(c.state == "CLOSED" and c.error == "connection refused",
      {en = "A: SYN_SENT > CLOSED, \"connection refused\", after one round trip",
      zh_CN = "A：SYN_SENT > CLOSED，“connection refused”，只用了一个往返"})

    say{en = "A refusal is an answer. Now A connects to an address that no host has.",
      zh_CN = "拒绝也是一种回答。现在 A 连接一个没有主机使用的地址。"}
    local begin = now()
    A.rules.isn = 200
    local d = play(A.connect, A, "127.0.0.99", 80, {port = 7778})
    ask{en = "Nothing answers. How long will A try, with the standard's rules?", zh_CN = "没有人回答。按照标准的规则，A 会尝试多久？",
      choices = {
        {en = "one round trip", zh_CN = "一个往返时间"},
        {en = "about one second", zh_CN = "大约一秒"},
        {en = "at least three minutes", zh_CN = "至少三分钟"}}, answer = 3}
    play(run, function() return d.state == "CLOSED" end)
    check(d.error == "connection timed out" and now() - begin >= 180,
      {en = "A: SYN_SENT > CLOSED, \"connection timed out\", after three minutes",
      zh_CN = "A：SYN_SENT > CLOSED，“connection timed out”，三分钟之后"})
    local sent = 0
    for _, p in ipairs(ladder()) do if p.flags == "SYN" and p.src == "127.0.0.1:7778" then sent = sent + 1 end end
    check(sent > 5, {en = "it sent the SYN " .. sent .. " times, and waited 1, 2, 4, 8 ... seconds between",
      zh_CN = "它一共发送了 " .. sent .. " 次 SYN，间隔 1、2、4、8……秒"})
    say{en = "No answer can mean many things: the SYN may be lost, the answer may be lost, or the host may be off. \z
      That is why a refused connection fails at once, and an unanswered one so late.",
      zh_CN = "没有回答可能有多种原因：可能 SYN 丢了，可能回答丢了，也可能主机没有开机。所以被拒绝的连接立即失败，没有回答的连接要很久才失败。"}
    say(ladder())
  end,
}
