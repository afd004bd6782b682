-- A connects to itself, from a port to the same port, with nobody listening.
lesson{
  name = "open-self", order = 40,
  title = {en = "Opening: a connection with itself", zh_CN = "建立连接：自己连接自己"},
  run = function(play)
    local x = 100
    A.rules.isn = x
    say{en = "A program connects to port 50000 of its own host. Nobody listens there. By chance the system gives it \z
      50000 as its own port.",
      zh_CN = "一个程序连接本机的 50000 端口。那里没有人监听。碰巧系统分配给它的本地端口也是 50000。"}
    ask{en = "What will happen?", zh_CN = "会发生什么？",
      choices = {
        {en = "The connection is refused: nobody listens", zh_CN = "连接被拒绝：没有人监听"},
        {en = "It opens, with itself", zh_CN = "连接成功，对端就是自己"},
        {en = "connect reports an error at once", zh_CN = "connect 立即报错"}}, answer = 2}
    local c = play(A.connect, A, A, 50000, {port = 50000})
    check(c.state == "SYN_SENT" and wire[1].flags == "SYN" and wire[1].src == wire[1].dst,
      {en = "the SYN goes from 127.0.0.1:50000 to 127.0.0.1:50000", zh_CN = "SYN 从 127.0.0.1:50000 发往 127.0.0.1:50000"})
    say{en = "The SYN comes back to the endpoint that sent it. To TCP it looks like a SYN from the other side that \z
      crossed its own: a simultaneous open.",
      zh_CN = "SYN 回到了发出它的端点。在 TCP 看来，这就像对方的 SYN 与自己的 SYN 交错而过：同时打开。"}
    play()
    check(c.state == "SYN_RCVD" and wire[1].flags == "SYN,ACK" and wire[1].seq == x and wire[1].ack == x + 1,
      {en = "SYN_SENT > SYN_RCVD; SYN,ACK seq=100 ack=101, again to itself",
        zh_CN = "SYN_SENT > SYN_RCVD；SYN,ACK seq=100 ack=101，还是发给自己"})
    play()
    check(c.state == "ESTABLISHED" and #wire == 0, {en = "SYN_RCVD > ESTABLISHED, and nothing is left in flight",
      zh_CN = "SYN_RCVD > ESTABLISHED，线路上没有报文了"})
    say(netstat())
    check(#netstat() == 1 and c.src == c.dst, {en = "netstat has one line, with the same address twice",
      zh_CN = "netstat 只有一行，同一个地址出现两次"})

    say{en = "What it sends, it will receive itself.", zh_CN = "它发送的数据会由自己收到。"}
    play(c.send, c, "echo")
    play(run)
    local text = c:recv()
    check(text == "echo", {en = "recv returns \"echo\"", zh_CN = "recv 返回“echo”"})

    ask{en = "It closes. Its own FIN comes back to it. Through which state will it go?",
      zh_CN = "它关闭连接。自己的 FIN 回到自己这里。它会经过哪个状态？",
      choices = {"FIN_WAIT_2", "CLOSING", "CLOSE_WAIT"}, answer = 2}
    play(c.close, c)
    check(c.state == "FIN_WAIT_1", {en = "ESTABLISHED > FIN_WAIT_1", zh_CN = "ESTABLISHED > FIN_WAIT_1"})
    play()
    check(c.state == "CLOSING", {en = "FIN_WAIT_1 > CLOSING: a FIN crossed its own, as in a simultaneous close",
      zh_CN = "FIN_WAIT_1 > CLOSING：一个 FIN 与它自己的 FIN 交错，就像同时关闭"})
    play()
    check(c.state == "TIME_WAIT", {en = "CLOSING > TIME_WAIT", zh_CN = "CLOSING > TIME_WAIT"})
    say{en = "Programs that retry a connection to a local port in a loop may do this by accident: they are \z
      connected to themselves, and the server can no longer use its port.",
      zh_CN = "循环重试连接本机某个端口的程序可能偶然遇到这种情况：它连上的是自己，而真正的服务器无法再使用自己的端口。"}
    say(ladder())
  end,
}
